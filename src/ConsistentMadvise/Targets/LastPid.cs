using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The number that was last given to a new thread in the caller's pid namespace: the last field of <c>/proc/loadavg</c> (proc_loadavg(5)).</summary>
/// <remarks>
/// Numbers are given out in ascending order and begin again at the top (<c>idr_alloc_cyclic</c> in <c>kernel/pid.c</c>). So who has come since an
/// earlier look has a number behind the one of that look. A privileged process that names the number itself (<c>set_tid</c> of clone3(2)) steps
/// out of this order.
/// </remarks>
internal static class LastPid
{
    private static readonly SafeDescriptor File = Open();

    /// <summary>Reads it; 0 when it cannot be read.</summary>
    public static int Read()
    {
        Span<byte> text = stackalloc byte[128];
        if (!Kernel.ReadAt(File.Value, text, 0, out int count).Ok)
        {
            return 0;
        }

        int pid = 0;
        for (int i = text[..count].LastIndexOf((byte)' ') + 1; i < count && text[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            pid = pid * 10 + (text[i] - '0');
        }

        return pid;
    }

    private static SafeDescriptor Open()
    {
        // -1 where there is none: reading it then fails.
        Kernel.OpenAt(Uapi.AT_FDCWD, "/proc/loadavg\0"u8, Uapi.O_RDONLY, out int descriptor);
        return new SafeDescriptor(descriptor);
    }
}
