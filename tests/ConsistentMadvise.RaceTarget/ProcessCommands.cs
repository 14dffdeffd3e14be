using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands about the process as a whole.</summary>
internal static class ProcessCommands
{
    private static readonly byte[] Status = new byte[512];

    /// <summary><c>ping</c></summary>
    public static void Ping(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            reply.Ok();
        }
    }

    /// <summary><c>pid</c> - answers the target's process id.</summary>
    public static void Pid(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            reply.Ok().Number(Environment.ProcessId);
        }
    }

    /// <summary><c>vmas</c> - answers how many lines the target's maps has.</summary>
    public static void CountVmas(ref Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (OwnMaps.Count(out long lines) is int errno and not 0)
        {
            reply.Error(errno, "maps"u8);
            return;
        }

        reply.Ok().Number(lines);
    }

    /// <summary><c>fork</c> - a child that waits and dies with the thread that made it; answers its process id.</summary>
    public static void Fork(ref Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        int errno = ForkedChild.Start(traces: false, out int child);
        if (errno == 0)
        {
            reply.Ok().Number(child);
        }
        else
        {
            reply.Error(errno, "fork"u8);
        }
    }

    /// <summary><c>stop</c> - raises SIGSTOP; answers once something has continued it.</summary>
    public static void Stop(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            // To this thread, so that it acts before the call returns; by process, another thread may take it a little later.
            ulong thread = (ulong)Native.Call(SyscallNumber.Gettid);
            reply.From(Native.From(Native.Call(SyscallNumber.Tgkill, (ulong)Environment.ProcessId, thread, (ulong)LibC.SIGSTOP)), "tgkill"u8);
        }
    }

    /// <summary><c>exit CODE</c> - the end of the output is the answer.</summary>
    public static void Exit(ref Arguments arguments, Reply reply)
    {
        long code = arguments.Number();
        if (arguments.Accepted(reply))
        {
            LibC._exit((int)code);
        }
    }

    /// <summary><c>exitmain</c> - the thread-group leader exits and another goes on with the commands, which answers once the thread-group leader is dead.</summary>
    public static void ExitMain(ref Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (Native.Call(SyscallNumber.Gettid) != Environment.ProcessId)
        {
            reply.Error(LibC.ESRCH, "exitmain"u8);
            return;
        }

        new Thread(Succeed, maxStackSize: 1 << 20).Start();
        _ = Native.Call(SyscallNumber.Exit);
    }

    private static void Succeed()
    {
        while (!LeaderIsDead())
        {
            Native.Sleep(50_000);
        }

        Program.Loop.SayOk();
        Program.Loop.Run();
    }

    private static bool LeaderIsDead()
    {
        int errno = Native.Open("/proc/self/stat\0"u8, LibC.O_RDONLY, out int stat);
        int count = 0;
        if (errno == 0)
        {
            errno = Native.Read(stat, Status, out count);
            _ = Native.Close(stat);
        }

        if (errno != 0)
        {
            LibC._exit(1);
        }

        // The state follows the name, which is in parentheses and may hold any.
        ReadOnlySpan<byte> text = Status.AsSpan(0, count);
        return text[(text.LastIndexOf((byte)')') + 2)..].StartsWith("Z"u8);
    }
}
