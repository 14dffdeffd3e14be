using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The pid last allocated in the caller's pid namespace: the last field of <c>/proc/loadavg</c> (proc_loadavg(5)).</summary>
/// <remarks>
/// Pids are allocated in ascending order and wrap at the top (<c>idr_alloc_cyclic</c> in <c>kernel/pid.c</c>). So a thread created after an
/// earlier read has a pid past the one read then. A privileged process that chooses the pid itself (<c>set_tid</c> of clone3(2)) breaks
/// this order. A container manager may mount its own file here (LXCFS), whose last field never moves: the file is trusted only
/// if it belongs to procfs and was seen to count a new thread.
/// </remarks>
internal static class LastPid
{
    private static readonly SafeDescriptor File = Open();

    /// <summary>Reads it; 0 if it cannot be read or trusted.</summary>
    public static int Read() => Read(File);

    /// <summary>Opens a file as <c>/proc/loadavg</c>; returns a closed descriptor if it cannot be trusted.</summary>
    internal static SafeDescriptor Open(string path = "/proc/loadavg")
    {
        Kernel.Open(System.Text.Encoding.UTF8.GetBytes(path + "\0"), Uapi.O_RDONLY, out SafeDescriptor file);
        if (Kernel.FileSystem(file, out ulong magic).Ok && magic == Uapi.PROC_SUPER_MAGIC && CountsThreads(file))
        {
            return file;
        }

        file.Dispose();
        return new SafeDescriptor(); // reading it fails with EBADF
    }

    /// <summary>Reads the last field; 0 if it cannot be read.</summary>
    internal static int Read(SafeDescriptor file)
    {
        Span<byte> text = stackalloc byte[128];
        if (!Kernel.ReadAt(file, text, 0, out int count).Ok)
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

    /// <summary>Whether the field moves when a thread is created, and is past its tid unless pids wrapped.</summary>
    private static bool CountsThreads(SafeDescriptor file)
    {
        int before = Read(file);
        int created = 0;
        Thread thread = new(() => created = Kernel.ThreadId(), maxStackSize: 64 * 1024);
        thread.Start();
        thread.Join();
        int after = Read(file);
        return before > 0 && after > 0 && after != before && (after >= created || after < before);
    }
}
