using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>The calls by which a process and its helper talk.</summary>
internal static unsafe partial class Kernel
{
    /// <summary>The most descriptors that one message carries.</summary>
    public const int MaxPassed = 2;

    /// <summary>A <c>cmsghdr</c>, then the descriptors; in words, which align it.</summary>
    private const int ControlWords = 3;

    private const int HeaderBytes = 16;

    /// <summary><c>socketpair(2)</c>, then <c>fcntl(F_DUPFD_CLOEXEC)</c> - two connected ends, neither of them a standard stream.</summary>
    /// <param name="keepsMessages">Whether each message is received as it was sent (<c>SOCK_SEQPACKET</c>), or as a stream of bytes.</param>
    /// <param name="one">One end.</param>
    /// <param name="other">The other.</param>
    public static Errno SocketPair(bool keepsMessages, out SafeDescriptor one, out SafeDescriptor other)
    {
        int* ends = stackalloc int[2] { -1, -1 };
        int type = (keepsMessages ? LibC.SOCK_SEQPACKET : LibC.SOCK_STREAM) | LibC.SOCK_CLOEXEC;
        Errno errno = Errno.From(LibC.socketpair(LibC.AF_UNIX, type, 0, ends));
        using SafeDescriptor first = SafeDescriptor.Own(ends[0]);
        using SafeDescriptor second = SafeDescriptor.Own(ends[1]);
        one = new SafeDescriptor();
        other = new SafeDescriptor();
        errno = errno.Ok ? DuplicateAbove(first, out one) : errno;
        return errno.Ok ? DuplicateAbove(second, out other) : errno;
    }

    /// <summary><c>sendmsg(2)</c> with <c>SCM_RIGHTS</c> - sends up to the whole of <paramref name="data"/>, with descriptors; no SIGPIPE where the other end is closed.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">At least one byte.</param>
    /// <param name="first">A descriptor to pass; null for none.</param>
    /// <param name="second">Another; null for none. Passed only with a first one.</param>
    /// <param name="count">The bytes that were sent. The descriptors go with the first of them.</param>
    public static Errno Send(SafeDescriptor socket, ReadOnlySpan<byte> data, SafeDescriptor? first, SafeDescriptor? second, out int count)
    {
        using SafeDescriptor.Use use = socket.Borrow();
        using SafeDescriptor.Use one = (first ?? socket).Borrow();
        using SafeDescriptor.Use other = (second ?? socket).Borrow();
        ulong* control = stackalloc ulong[ControlWords];
        int passed = first is null ? 0 : second is null ? 1 : MaxPassed;
        fixed (byte* bytes = data)
        {
            iovec vector = new() { iov_base = bytes, iov_len = (size_t)data.Length };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };
            if (passed != 0)
            {
                control[0] = (ulong)(HeaderBytes + (passed * sizeof(int)));
                ((int*)control)[2] = LibC.SOL_SOCKET;
                ((int*)control)[3] = LibC.SCM_RIGHTS;
                ((int*)control)[4] = one.Number;
                ((int*)control)[5] = other.Number;
                message.msg_control = control;
                message.msg_controllen = (uint)(passed == 1 ? control[0] : ControlWords * sizeof(ulong));
            }

            count = (int)(long)LibC.sendmsg(use.Number, &message, LibC.MSG_NOSIGNAL);
        }

        return Errno.From(count);
    }

    /// <summary><c>recvmsg(2)</c> - receives up to <paramref name="buffer"/>'s length, and the descriptors that came with it; zero bytes when the other end is closed.</summary>
    public static Errno Receive(SafeDescriptor socket, Span<byte> buffer, out int count, out SafeDescriptor? first, out SafeDescriptor? second)
    {
        using SafeDescriptor.Use use = socket.Borrow();
        ulong* control = stackalloc ulong[ControlWords];
        first = null;
        second = null;
        fixed (byte* bytes = buffer)
        {
            iovec vector = new() { iov_base = bytes, iov_len = (size_t)buffer.Length };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlWords * sizeof(ulong) };
            count = (int)(long)LibC.recvmsg(use.Number, &message, LibC.MSG_CMSG_CLOEXEC);
            if (count > 0 && (uint)message.msg_controllen > HeaderBytes && ((int*)control)[2] == LibC.SOL_SOCKET && ((int*)control)[3] == LibC.SCM_RIGHTS)
            {
                first = SafeDescriptor.Own(((int*)control)[4]);
                second = control[0] >= HeaderBytes + (MaxPassed * sizeof(int)) ? SafeDescriptor.Own(((int*)control)[5]) : null;
            }
        }

        return Errno.From(count);
    }
}
