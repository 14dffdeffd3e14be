namespace ConsistentMadvise.KernelTests;

/// <summary>A blocking call, as <c>Programs/noticed.c</c> makes it, and what a freeze makes of it.</summary>
/// <param name="Name">The name that the program has for it.</param>
/// <param name="Notice">What its caller sees, under each freezer.</param>
internal sealed record NoticedCall(string Name, Notice Notice)
{
    /// <summary>Every call that the program makes.</summary>
    public static IReadOnlyList<NoticedCall> All { get; } =
    [
        new("epoll_wait", Notice.Interrupted),
        new("semtimedop", Notice.Interrupted),
        new("recv with SO_RCVTIMEO", Notice.Interrupted),
        new("sigtimedwait", Notice.Interrupted),
        new("io_getevents", Notice.Interrupted),
        new("io_uring_enter", Notice.Interrupted),
        new("write to a pipe, 1 MiB", Notice.Short),
        new("send to a stream socket, 1 MiB", Notice.Short),
        new("recv with MSG_WAITALL, 1 MiB", Notice.Short),
        new("sendfile to a socket, 4 MiB", Notice.Short),
        new("getrandom, 8 MiB", Notice.Short),
        new("poll", Notice.Nothing),
        new("ppoll", Notice.Nothing),
        new("select", Notice.Nothing),
        new("nanosleep", Notice.Nothing),
        new("clock_nanosleep until a time", Notice.Nothing),
        new("futex wait", Notice.Nothing),
        new("sem_timedwait", Notice.Nothing),
        new("msgrcv", Notice.Nothing),
        new("read of a pipe", Notice.Nothing),
        new("read of an eventfd", Notice.Nothing),
        new("read of a signalfd", Notice.Nothing),
        new("recv of a stream socket", Notice.Nothing),
        new("accept", Notice.Nothing),
        new("flock", Notice.Nothing),
        new("mq_timedreceive", Notice.Nothing),
        new("splice from a pipe", Notice.Nothing),
        new("write of a file, 8 MiB", Notice.Nothing),
    ];
}
