namespace ConsistentMadvise.Benchmarks;

/// <summary>How long a target of many threads takes for execve(2), and to be reaped after a SIGKILL, while transactions freeze it; in turns with the same without them.</summary>
internal static class ExitHarness
{
    private const int DefaultThreads = 400;

    /// <summary>Some windows of such a target.</summary>
    private const int SpreadMicroseconds = 40_000;

    public static void Run(string[] arguments, bool isLong)
    {
        int threads = arguments is [string number] ? int.Parse(number) : DefaultThreads;
        int rounds = isLong ? 300 : 110;
        Console.WriteLine($"{threads} threads, {rounds} rounds in turns; milliseconds by the target's clock");
        Console.WriteLine("event  freezer  timeout |     n |     p50     p99     max | transactions, by what they said");
        Measure("exec", threads, rounds, MeasureExec);
        Measure("kill", threads, rounds, MeasureKill);
    }

    private static void Measure(string name, int threads, int rounds, Action<int, int, ExitWay[]> measure)
    {
        TimeSpan[] timeouts = [TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan];
        ExitWay[] ways =
        [
            new(null, TimeSpan.Zero, isLooking: false),
            new(null, TimeSpan.Zero, isLooking: true),
            .. from freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal } from timeout in timeouts select new ExitWay(freezer, timeout, isLooking: true),
        ];
        measure(threads, rounds, ways);
        foreach (ExitWay way in ways)
        {
            Console.WriteLine($"{name,-6} {way}");
        }
    }

    private static void MeasureExec(int threads, int rounds, ExitWay[] ways)
    {
        using ExitTarget target = new();
        target.Start(threads);
        InTurns(rounds, ways, (way, after) => way.Meet(target.Pid, () => target.Execute(after)));
    }

    private static void MeasureKill(int threads, int rounds, ExitWay[] ways)
    {
        using ExitTarget target = new();
        InTurns(rounds, ways, (way, after) =>
        {
            target.Start(threads);
            way.Meet(target.Pid, () => target.Kill(after));
        });
    }

    private static void InTurns(int rounds, ExitWay[] ways, Action<ExitWay, TimeSpan> meet)
    {
        Random random = new(1);
        for (int i = 0; i < rounds; i++)
        {
            foreach (ExitWay way in ways)
            {
                meet(way, TimeSpan.FromMicroseconds(random.Next(SpreadMicroseconds)));
            }
        }
    }
}
