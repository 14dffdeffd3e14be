using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>State and tracer of one thread, from <c>/proc/PID/task/TID/status</c>.</summary>
internal sealed record ThreadStatus(int Tid, string State, int TracerPid)
{
    /// <summary>Stopped by a signal (T) or by a tracer (t).</summary>
    public bool IsStopped => State[0] is 'T' or 't';

    /// <summary>Every thread of a process that lives. Those that end while this looks are left out.</summary>
    public static IReadOnlyList<ThreadStatus> ReadAll(int pid)
    {
        List<ThreadStatus> threads = ReadThoseLeft(pid);
        Assert.NotEmpty(threads);
        return threads;
    }

    /// <summary>Every thread that is left of a process, which may be none.</summary>
    public static List<ThreadStatus> ReadThoseLeft(int pid)
    {
        List<ThreadStatus> threads = [];
        foreach (int tid in ThreadFiles.List(pid))
        {
            if (ThreadFiles.TryRead(pid, tid, "status", out string text))
            {
                string[] lines = text.Split('\n');
                threads.Add(new ThreadStatus(tid, Field(lines, "State:"), int.Parse(Field(lines, "TracerPid:"), CultureInfo.InvariantCulture)));
            }
        }

        return threads;
    }

    public override string ToString() => $"thread {Tid} is in state {State}, its tracer is {TracerPid}";

    private static string Field(string[] lines, string name) => lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();
}
