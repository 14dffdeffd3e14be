namespace ConsistentMadvise;

/// <summary>Tells mappings that are not memory of the process by the names the kernel gives them.</summary>
internal static class SpecialMapping
{
    public static bool Is(ReadOnlySpan<byte> name) => !name.IsEmpty && name[0] switch
    {
        (byte)'[' => name.StartsWith("[vdso]"u8) || name.StartsWith("[vvar"u8) || name.StartsWith("[vsyscall]"u8)
            || name.StartsWith("[uprobes]"u8) || name.StartsWith("[sigpage]"u8) || name.StartsWith("[vectors]"u8),
        (byte)'/' => IsDevice(name),
        (byte)'a' => name.StartsWith("anon_inode:"u8),
        _ => false,
    };

    /// <remarks>Memory file systems are customarily mounted below /dev; everything else there is a device whose pages are not ours.</remarks>
    private static bool IsDevice(ReadOnlySpan<byte> name) =>
        name.StartsWith("/dev/"u8)
        && !name.StartsWith("/dev/zero"u8) && !name.StartsWith("/dev/shm/"u8)
        && !name.StartsWith("/dev/hugepages/"u8) && !name.StartsWith("/dev/ashmem"u8);
}
