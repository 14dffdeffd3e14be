using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What a live target feels of a plan of 2 GiB: its own largest gap in each window of at most 5 ms, against one window without a bound.</summary>
internal sealed class PauseHarness : ITransactionProbe
{
    private const ulong Bytes = 2UL << 30;

    private static readonly TimeSpan s_maxPause = TimeSpan.FromMilliseconds(5);

    private readonly BenchTarget _process;
    private readonly Samples _gaps = new();

    private PauseHarness(BenchTarget process) => _process = process;

    public static async Task RunAsync(bool isLong)
    {
        if (FreeSwap() < Bytes + (Bytes / 4))
        {
            Console.WriteLine($"needs {(Bytes + (Bytes / 4)) >> 20} MiB of free swap: memory that has nowhere to go is passed over. For example, as root:");
            Console.WriteLine("  modprobe zram; echo 4G > /sys/block/zram0/disksize; mkswap /dev/zram0; swapon /dev/zram0");
            return;
        }

        Console.WriteLine($"a plan of {Bytes >> 20} MiB of touched anonymous memory, PAGEOUT; gaps in milliseconds, by the target's own clock");
        Console.WriteLine("freezer  max pause | windows overruns | longest  total pause | gap p50     p99     max | idle max | bytes advised");
        foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal })
        {
            await MeasureAsync(freezer, Timeout.InfiniteTimeSpan);
            for (int i = 0; i < (isLong ? 3 : 1); i++)
            {
                await MeasureAsync(freezer, s_maxPause);
            }
        }
    }

    void ITransactionProbe.At(TransactionPhase phase)
    {
        if (phase == TransactionPhase.Thawed)
        {
            _gaps.Add(TakeGap());
        }
    }

    private static async Task MeasureAsync(FreezerKind freezer, TimeSpan maxPause)
    {
        using BenchTarget process = BenchTarget.Start();
        using BenchCgroup? cgroup = BenchCgroup.TryCreate(process.Pid);
        ulong pages = Bytes / (ulong)Environment.SystemPageSize;
        ulong address = ulong.Parse(process.Send($"map {pages} rw")[0], NumberStyles.HexNumber);
        process.Send($"touch {address:x} {pages}");
        process.Send("gap start"); // a thread more: before the plan is made
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(await target.CaptureLayoutAsync(), Advice.PageOut, [new AddressRange(address, address + Bytes)]);

        PauseHarness harness = new(process);
        TimeSpan idle = harness.Idle();
        HintOptions options = new() { Freezer = freezer, Match = LayoutMatch.Ranges, MaxPause = maxPause, FreezeTimeout = TimeSpan.FromSeconds(5) };
        HintOutcome outcome = TargetTransactions.Run(target, plan, options, harness, CancellationToken.None);
        process.Send("gap stop");

        string bound = maxPause == Timeout.InfiniteTimeSpan ? "none" : $"{maxPause.TotalMilliseconds} ms";
        Console.WriteLine(
            $"{freezer,-8} {bound,9} | {outcome.Windows,7} {outcome.Overruns,8} | {outcome.LongestPause.TotalMilliseconds,7:N2} {outcome.TotalPause.TotalMilliseconds,12:N1} | "
            + $"{harness._gaps.Median / 1000,7:N2} {harness._gaps.At(0.99) / 1000,7:N2} {harness._gaps.At(1) / 1000,7:N2} | {idle.TotalMilliseconds,8:N2} | {outcome}");
    }

    /// <summary>The largest gap in as long as some twenty windows take, with nobody hinting: what the scheduler does by itself.</summary>
    private TimeSpan Idle()
    {
        TakeGap();
        long begin = Stopwatch.GetTimestamp();
        TimeSpan largest = TimeSpan.Zero;
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMilliseconds(300))
        {
            TimeSpan gap = TakeGap();
            largest = gap > largest ? gap : largest;
        }

        return largest;
    }

    private static ulong FreeSwap()
    {
        const string Label = "SwapFree:";
        string line = File.ReadLines("/proc/meminfo").Single(static line => line.StartsWith(Label, StringComparison.Ordinal));
        return ulong.Parse(line[Label.Length..^3]) * 1024;
    }

    private TimeSpan TakeGap() => TimeSpan.FromMicroseconds(long.Parse(_process.Send("gap take")[0]) / 1000.0);
}
