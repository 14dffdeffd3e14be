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
        DirectoryInfo tasks = new($"/proc/{pid}/task");
        foreach (string directory in tasks.Exists ? Directory.GetDirectories(tasks.FullName) : [])
        {
            if (TryRead(directory, out string[] lines))
            {
                int tid = int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
                threads.Add(new ThreadStatus(tid, Field(lines, "State:"), int.Parse(Field(lines, "TracerPid:"), CultureInfo.InvariantCulture)));
            }
        }

        return threads;
    }

    public override string ToString() => $"thread {Tid} is in state {State}, its tracer is {TracerPid}";

    private static bool TryRead(string directory, out string[] lines)
    {
        try
        {
            lines = File.ReadAllLines($"{directory}/status");
            return true;
        }
        catch (IOException)
        {
            // ENOENT or ESRCH: this thread has ended.
            lines = [];
            return false;
        }
    }

    private static string Field(string[] lines, string name) => lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();
}
