using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What a live target feels of a plan of 2 GiB: its own largest gap in each window of at most 5 ms, against one window without a bound.</summary>
internal sealed class PauseHarness : ITransactionProbe
{
    private const ulong Bytes = 2UL << 30;

    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(5);

    private readonly BenchTarget _process;
    private readonly Samples _gaps = new();
    private bool _isHeldOnly;

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
        Console.WriteLine("freezer  max pause | windows overruns | longest  total pause | gap p50     p99     max | idle p50     p99     max | bytes advised");
        foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal })
        {
            await MeasureAsync(freezer, Timeout.InfiniteTimeSpan);
            for (int i = 0; i < (isLong ? 3 : 1); i++)
            {
                await MeasureAsync(freezer, MaxPause);
            }
        }
    }

    void ITransactionProbe.At(TransactionPhase phase)
    {
        if (phase == TransactionPhase.Rechecked && _isHeldOnly)
        {
            long begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin) < MaxPause)
            {
                Thread.SpinWait(10);
            }
        }
        else if (phase == TransactionPhase.Thawed)
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
        Samples idle = harness.Idle();
        HintOptions options = new() { Freezer = freezer, Match = LayoutMatch.Ranges, MaxPause = maxPause, FreezeTimeout = TimeSpan.FromSeconds(5) };
        HintOutcome outcome = TargetTransactions.Run(target, plan, options, harness, CancellationToken.None);
        string bound = maxPause == Timeout.InfiniteTimeSpan ? "none" : $"{maxPause.TotalMilliseconds} ms";
        Console.WriteLine(
            $"{freezer,-8} {bound,9} | {outcome.Windows,7} {outcome.Overruns,8} | {outcome.LongestPause.TotalMilliseconds,7:N2} {outcome.TotalPause.TotalMilliseconds,12:N1} | "
            + $"{harness._gaps.Median / 1000,7:N2} {harness._gaps.At(0.99) / 1000,7:N2} {harness._gaps.At(1) / 1000,7:N2} | {idle.Median / 1000,8:N2} {idle.At(0.99) / 1000,7:N2} {idle.At(1) / 1000,7:N2} | {outcome}");
        if (maxPause != Timeout.InfiniteTimeSpan)
        {
            Samples held = harness.HoldOnly(target, plan.Layout!, new AddressRange(address, address + (ulong)Environment.SystemPageSize), options);
            Console.WriteLine($"{freezer,-8} {"held only",9} | {"",7} {"",8} | {"",7} {"",12} | {held.Median / 1000,7:N2} {held.At(0.99) / 1000,7:N2} {held.At(1) / 1000,7:N2} |");
        }

        process.Send("gap stop");
    }

    /// <summary>The largest gap of each of 200 spans as long as a window and a rest, without hints: what the scheduler and the machine do by themselves.</summary>
    private Samples Idle()
    {
        Samples idle = new();
        TakeGap();
        for (int i = 0; i < 200; i++)
        {
            Kernel.Sleep((long)(MaxPause + HintOptions.Default.RestBetweenWindows).TotalNanoseconds);
            idle.Add(TakeGap());
        }

        return idle;
    }

    /// <summary>The gaps of 200 windows that hold the target for 5 ms by a busy loop and hint one page: what is not the hints' doing.</summary>
    private Samples HoldOnly(ProcessTarget target, LayoutSnapshot layout, AddressRange page, HintOptions options)
    {
        PauseHarness harness = new(_process) { _isHeldOnly = true };
        HintPlan plan = HintPlan.Create(layout, Advice.Cold, [page]);
        for (int i = 0; i < 200; i++)
        {
            TargetTransactions.Run(target, plan, options, harness, CancellationToken.None);
            Kernel.Sleep((long)options.RestBetweenWindows.TotalNanoseconds);
        }

        return harness._gaps;
    }

    private static ulong FreeSwap()
    {
        const string Label = "SwapFree:";
        string line = File.ReadLines("/proc/meminfo").Single(static line => line.StartsWith(Label, StringComparison.Ordinal));
        return ulong.Parse(line[Label.Length..^3]) * 1024;
    }

    private TimeSpan TakeGap() => TimeSpan.FromMicroseconds(long.Parse(_process.Send("gap take")[0]) / 1000.0);
}
