using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What a freeze and a thaw cost, by freezer and number of threads, in turns with the same in plain C.</summary>
internal static class FreezeComparison
{
    private static readonly (FreezerKind Kind, string Way)[] Ways =
        [(FreezerKind.Ptrace, "ptrace"), (FreezerKind.Signal, "signal"), (FreezerKind.Cgroup, "cgroup"), (FreezerKind.Auto, "two-step")];

    /// <summary>Compares what is named: ways and numbers of threads; all of either when none is.</summary>
    public static void Run(string[] names, bool isLong)
    {
        int[] counts = [.. names.Where(static name => char.IsAsciiDigit(name[0])).Select(int.Parse)];
        string[] ways = [.. names.Where(static name => !char.IsAsciiDigit(name[0]))];
        WindowWarmup.Run();
        if (names is ["late"])
        {
            LateFreeze.Run(isLong);
            return;
        }

        Console.WriteLine("medians in microseconds, ours and C in turns; p90 and ratio of freeze and thaw together; two-step exists in C alone");
        Console.WriteLine("freezer  threads busy | freeze   thaw |    sum    p90 | C freeze   thaw |    sum    p90 | ours/C");
        foreach (int threads in counts.Length == 0 ? [1, 8, 64, 512] : counts)
        {
            foreach (int busy in new[] { 0, 1 })
            {
                Compare(threads, busy, ways, isLong);
            }
        }
    }

    private static void Compare(int threads, int busy, string[] ways, bool isLong)
    {
        using BenchTarget process = threads == 1 && busy == 0 ? BenchTarget.StartSingle() : BenchTarget.Start();
        int running = process.StartThreads(threads, busy);
        using BenchCgroup? cgroup = BenchCgroup.TryCreate(process.Pid);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        foreach ((FreezerKind kind, string way) in Ways)
        {
            if ((ways.Length != 0 && !ways.Contains(way)) || (cgroup is null && way is "cgroup" or "two-step"))
            {
                continue;
            }

            FreezeSamples ours = new(), floor = new();
            using FreezeFloor? c = FreezeFloor.TryStart(process.Pid, cgroup?.Directory);
            using IFreezer? freezer = kind == FreezerKind.Auto ? null : Create(target, kind);
            int rounds = (isLong ? 200 : 40) + (running < 100 ? 60 : 0);
            TransactionThread.TryRun(() =>
            {
                TakeTurns(freezer, c, way, running, rounds, ours, floor);
                return false;
            });
            string ratio = freezer is null || c is null ? "-" : $"{ours.Sum.Median / floor.Sum.Median:N2}";
            Console.WriteLine($"{way,-8} {running,7} {busy,4} | {ours} | {floor} | {ratio,6}");
        }
    }

    private static void TakeTurns(IFreezer? freezer, FreezeFloor? c, string way, int running, int rounds, FreezeSamples ours, FreezeSamples floor)
    {
        freezer?.WarmUp();
        for (int i = -5; i < rounds; i++)
        {
            if (freezer is not null)
            {
                Rest(running);
                ours.Add(FreezeOnce(freezer), isWarmup: i < 0);
            }

            if (c is not null)
            {
                Rest(running);
                floor.Add(c.Run(way), isWarmup: i < 0);
            }
        }
    }

    private static IFreezer Create(ProcessTarget target, FreezerKind kind)
    {
        MadeFreezer made = Freezers.Create(target, new FreezeRequest(kind, AllowsUnguarded: true));
        return made.Freezer ?? throw new InvalidOperationException($"{kind}: {made.Stop}");
    }

    private static (TimeSpan Freeze, TimeSpan Thaw) FreezeOnce(IFreezer freezer)
    {
        freezer.TryReserve(long.MaxValue, out _); // the target runs on meanwhile
        long begin = Stopwatch.GetTimestamp();
        TransactionStop result = freezer.Freeze(long.MaxValue);
        long frozen = Stopwatch.GetTimestamp();
        freezer.Thaw();
        long thawed = Stopwatch.GetTimestamp();
        return result.IsNone
            ? (Stopwatch.GetElapsedTime(begin, frozen), Stopwatch.GetElapsedTime(frozen, thawed))
            : throw new InvalidOperationException($"{freezer.Kind}: {result}");
    }

    /// <summary>Until the released threads are back where they slept.</summary>
    private static void Rest(int threads) => Kernel.Sleep(1_000_000 + (threads * 20_000L));
}
