namespace ConsistentMadvise.KernelTests;

/// <summary><c>struct pollfd</c> of <c>asm/poll.h</c>: the headers of every system have it, so the test of structs is tested with it.</summary>
public struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}
