using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Checks that pids in <c>/proc</c> are those of this process's system calls (pid_namespaces(7)).</summary>
/// <remarks>
/// A procfs shows the pid namespace of the process that mounted it. In a container that sees the outer <c>/proc</c>, <c>/proc/N</c> and pid N in
/// a system call are two processes.
/// </remarks>
internal static class ProcNamespace
{
    /// <summary>Whether <c>/proc</c> shows the caller's own pid namespace.</summary>
    /// <remarks><c>NSpid</c> lists a process's pid in the namespace of the procfs and in each one below, down to its own: one number if both are the same.</remarks>
    public static Errno IsOwn(out bool isOwn)
    {
        isOwn = false;
        Errno errno = Kernel.Open("/proc/self/status\0"u8, Uapi.O_RDONLY, out LocalFile status);
        using (status)
        {
            Span<byte> text = stackalloc byte[64];
            int length = 0;
            errno = errno.Ok ? ProcStatus.Find(in status, "\nNSpid:\t"u8, text, out length) : errno;
            bool isOnlyOne = !text[..length].Contains((byte)'\t');

            // Without CONFIG_PID_NS there is one namespace, and no such line.
            isOwn = errno.Ok && (length == 0 || (isOnlyOne && Utf8Parser.TryParse(text[..length], out int pid, out _) && pid == Environment.ProcessId));
            return errno;
        }
    }

    /// <summary>Whether a process is in the pid namespace that <c>/proc</c> shows, and in none below it.</summary>
    public static Errno HasOneNumber(int pid, out bool hasOne)
    {
        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        Span<byte> text = stackalloc byte[64];
        int length = 0;
        Errno errno = Kernel.Open(ProcFile.Path(path, pid, "/status\0"u8), Uapi.O_RDONLY, out LocalFile status);
        using (status)
        {
            errno = errno.Ok ? ProcStatus.Find(in status, "\nNSpid:\t"u8, text, out length) : errno;
            hasOne = errno.Ok && length > 0 && !text[..length].Contains((byte)'\t');
            return errno;
        }
    }

    /// <summary>Whether a pidfd and <c>/proc/PID</c> are the same process, by the pid that procfs shows for the pidfd (proc_pid_fdinfo(5)).</summary>
    public static Errno IsSame(SafeDescriptor pidfd, int pid, out bool isSame)
    {
        Errno errno = ReadPid(pidfd, out int? number);
        isSame = number == pid;
        return errno;
    }

    /// <summary>The pid of a pidfd: -1 once reaped, 0 if the procfs does not show it, null for any other descriptor.</summary>
    public static Errno ReadPid(SafeDescriptor pidfd, out int? pid)
    {
        Span<byte> text = stackalloc byte[1024];
        ReadOnlySpan<byte> label = "\nPid:\t"u8;
        Errno errno = Kernel.ReadDescriptorInfo(pidfd, text, out int count);
        int at = errno.Ok ? text[..count].IndexOf(label) : -1;
        pid = at >= 0 && Utf8Parser.TryParse(text[(at + label.Length)..count], out int number, out _) ? number : null;
        return errno;
    }
}
