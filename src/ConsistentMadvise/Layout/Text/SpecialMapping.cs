namespace ConsistentMadvise;

/// <summary>Recognizes mappings that are not memory of the process by the names the kernel gives them.</summary>
/// <remarks>
/// The pages of a ring (packet sockets and AF_XDP, AIO, io_uring, perf) belong to the kernel object and are on no LRU list. The kernel
/// accepts advice on them, reports the full count, and moves nothing.
/// </remarks>
internal static class SpecialMapping
{
    public static bool Is(ReadOnlySpan<byte> name) => !name.IsEmpty && name[0] switch
    {
        (byte)'[' => name.StartsWith("[vdso]"u8) || name.StartsWith("[vvar"u8) || name.StartsWith("[vsyscall]"u8)
            || name.StartsWith("[uprobes]"u8) || name.StartsWith("[sigpage]"u8) || name.StartsWith("[vectors]"u8),
        (byte)'/' => IsDevice(name) || IsKernelFile(name),
        (byte)'a' => name.StartsWith("anon_inode:"u8),
        (byte)'s' => name.StartsWith("socket:["u8),
        _ => false,
    };

    /// <remarks>Memory file systems are commonly mounted below /dev; everything else there is a device, whose pages are not process memory.</remarks>
    private static bool IsDevice(ReadOnlySpan<byte> name) =>
        name.StartsWith("/dev/"u8)
        && !name.StartsWith("/dev/zero"u8) && !name.StartsWith("/dev/shm/"u8)
        && !name.StartsWith("/dev/hugepages/"u8) && !name.StartsWith("/dev/ashmem"u8);

    /// <remarks>AIO rings and DMA buffers are files of unmounted file systems; PCI resources and trace buffers are below /sys, PCI also below /proc.</remarks>
    private static bool IsKernelFile(ReadOnlySpan<byte> name) =>
        name.StartsWith("/[aio]"u8) || name.StartsWith("/dmabuf:"u8) || name.StartsWith("/sys/"u8) || name.StartsWith("/proc/"u8);
}
