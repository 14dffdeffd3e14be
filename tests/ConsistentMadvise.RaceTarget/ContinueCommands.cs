using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands by which the target continues itself.</summary>
internal static class ContinueCommands
{
    private const long PauseNanoseconds = 20_000;

    private static WorkerThread? s_storm;
    private static bool s_stop;

    /// <summary><c>cont</c> - sends SIGCONT to itself.</summary>
    public static void Continue(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            reply.From(Send(), "kill"u8);
        }
    }

    /// <summary><c>contstorm start</c> - a thread that does it again and again, with hardly a pause - and <c>contstorm stop</c>.</summary>
    public static void Storm(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("start"u8) && s_storm is null)
        {
            Volatile.Write(ref s_stop, false);
            s_storm = new WorkerThread(Run);
            s_storm.Start();
            reply.Ok();
        }
        else if (arguments.Takes("stop"u8) && s_storm is not null)
        {
            Volatile.Write(ref s_stop, true);
            s_storm.Join();
            s_storm = null;
            reply.Ok();
        }
        else
        {
            reply.Error(LibC.EINVAL, "usage"u8);
        }
    }

    private static void Run()
    {
        while (!Volatile.Read(ref s_stop) && Send() == 0)
        {
            Native.Sleep(PauseNanoseconds);
        }
    }

    private static int Send() => Native.From(Native.Call(SyscallNumber.Kill, (ulong)Environment.ProcessId, (ulong)LibC.SIGCONT));
}
