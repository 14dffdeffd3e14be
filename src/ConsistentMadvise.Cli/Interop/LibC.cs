using System.Runtime.InteropServices;

namespace ConsistentMadvise.Cli;

/// <summary>The C library calls that .NET does not expose: its console stream treats <c>EPIPE</c> as success, and it has no exec.</summary>
internal static unsafe partial class LibC
{
    public const int EINTR = 4;
    public const int EBADF = 9;
    public const int EAGAIN = 11;

    // asm-generic/fcntl.h
    public const int O_RDWR = 2;
    public const int F_GETFD = 1;
    public const int FD_CLOEXEC = 1;

    // asm-generic/poll.h
    public const short POLLOUT = 4;

    // asm-generic/signal.h
    public const int SIGTSTP = 20;
    public const int SIGTTIN = 21;
    public const int SIGTTOU = 22;
    public const int SIGXFSZ = 25;
    public const nint SIG_IGN = 1;

    /// <summary><c>write(2)</c>; -1 and an errno when it fails.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, byte* buf, nuint count);

    /// <summary><c>poll(2)</c>. Errors and hang-ups are always reported.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* fds, nuint nfds, int timeout);

    /// <summary><c>signal(2)</c> - an ignored signal stays ignored after an exec.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint signal(int signum, nint handler);

    /// <summary><c>sigaction(2)</c> - changes a signal's action, and returns the old one.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sigaction(int signum, byte* act, byte* oldact);

    /// <summary><c>raise(3)</c> - signals the calling thread.</summary>
    [LibraryImport("libc")]
    public static partial int raise(int sig);

    /// <summary><c>fcntl(2)</c> with a command that takes no argument.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int cmd);

    /// <summary><c>open(2)</c> - uses the lowest free number.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string pathname, int flags);

    /// <summary><c>dup2(2)</c> - the copy is not close-on-exec.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);

    /// <summary><c>close(2)</c>.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    /// <summary><c>execv(3)</c> - returns only when it fails.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int execv(string pathname, byte** argv);

    /// <summary><c>struct pollfd</c>.</summary>
    internal struct PollDescriptor
    {
        public int fd;
        public short events;
        public short revents;
    }
}
