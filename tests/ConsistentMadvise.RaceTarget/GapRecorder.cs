using System.Diagnostics;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A busy thread that records the largest gap between two of its own clock reads: the pause that this process felt.</summary>
/// <remarks>The scheduler makes gaps too; the figure is the pause plus whatever else kept the thread from running.</remarks>
internal static class GapRecorder
{
    private static WorkerThread? s_thread;
    private static bool s_stop;
    private static long s_largest;
    private static long s_reads;

    /// <summary>
    /// <c>gap start</c> (or restart), <c>gap read</c> - answers the largest gap in nanoseconds - , <c>gap take</c> - the same, and forgets it - and
    /// <c>gap stop</c>.
    /// </summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("start"u8))
        {
            Stop();
            Volatile.Write(ref s_largest, 0);
            Volatile.Write(ref s_stop, false);
            s_thread = new WorkerThread(Record);
            s_thread.Start();
            AwaitReads(); // a gap counts from a read on
            reply.Ok();
        }
        else if (arguments.Takes("read"u8) && s_thread is not null)
        {
            AwaitReads();
            reply.Ok().Number(Nanoseconds(Volatile.Read(ref s_largest)));
        }
        else if (arguments.Takes("take"u8) && s_thread is not null)
        {
            AwaitReads();
            reply.Ok().Number(Nanoseconds(Interlocked.Exchange(ref s_largest, 0)));
        }
        else if (arguments.Takes("stop"u8) && s_thread is not null)
        {
            Stop();
            reply.Ok();
        }
        else
        {
            reply.Error(LibC.EINVAL, "usage"u8);
        }
    }

    /// <remarks>The gap that matters ends with the thread's next read of the clock, which may be still to come.</remarks>
    private static void AwaitReads()
    {
        long reads = Volatile.Read(ref s_reads);
        while (Volatile.Read(ref s_reads) < reads + 2)
        {
            Native.Sleep(20_000);
        }
    }

    private static long Nanoseconds(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));

    private static void Stop()
    {
        Volatile.Write(ref s_stop, true);
        s_thread?.Join();
        s_thread = null;
    }

    private static void Record()
    {
        long last = Stopwatch.GetTimestamp();
        while (!Volatile.Read(ref s_stop))
        {
            long now = Stopwatch.GetTimestamp();
            if (now - last > s_largest)
            {
                Volatile.Write(ref s_largest, now - last);
            }

            last = now;
            Volatile.Write(ref s_reads, s_reads + 1);
        }
    }
}
