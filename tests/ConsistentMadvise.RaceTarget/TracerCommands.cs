using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands by which the target is traced by a child of its own.</summary>
internal static class TracerCommands
{
    private static int s_tracer;

    /// <summary><c>traced</c> - a child that seizes the thread-group leader of its parent, and continues it; answers the child's process id.</summary>
    public static void Traced(ref Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (s_tracer != 0)
        {
            reply.Error(LibC.EBUSY, "traced"u8);
        }
        else if (ForkedChild.Start(traces: true, out int child) is int errno and not 0)
        {
            reply.Error(errno, "traced"u8);
        }
        else
        {
            s_tracer = child;
            reply.Ok().Number(child);
        }
    }

    /// <summary><c>untraced</c> - ends that child; answers when it is gone.</summary>
    public static void Untraced(ref Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (s_tracer == 0)
        {
            reply.Error(LibC.EINVAL, "untraced"u8);
            return;
        }

        _ = Native.Call(SyscallNumber.Kill, (ulong)s_tracer, (ulong)LibC.SIGKILL);   // ESRCH: it was ended from outside
        ForkedChild.AwaitEnd(s_tracer);
        s_tracer = 0;
        reply.Ok();
    }
}
