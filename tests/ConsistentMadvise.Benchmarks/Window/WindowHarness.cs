using System.Globalization;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What each step of a transaction takes, and how long the target is held: 1,000 VMAs, 256 ranges, COLD, one window.</summary>
internal sealed class WindowHarness
{
    private const int Vmas = 1_000;
    private const int Ranges = 256;
    private const int Warmups = 20;

    private static readonly HintOptions Options = new() { MaxPause = Timeout.InfiniteTimeSpan, FreezeTimeout = TimeSpan.FromSeconds(5) };

    private readonly Samples _freeze = new();
    private readonly Samples _recheck = new();
    private readonly Samples _advise = new();
    private readonly Samples _thaw = new();
    private readonly Samples _pause = new();
    private readonly Dictionary<HintStatus, int> _statuses = [];

    public static async Task RunAsync(bool isLong)
    {
        Console.WriteLine("medians in microseconds; the pause is from the first request to stop until the last thread was released");
        Console.WriteLine("freezer  threads recheck  |  freeze recheck  advise    thaw |   pause pause p90 | outcomes");
        foreach (int threads in new[] { 1, 8, 64 })
        {
            using BenchTarget process = BenchTarget.Start();
            using ProcessTarget target = ProcessTarget.Open(process.Pid);
            int running = Directory.GetDirectories($"/proc/{process.Pid}/task").Length;
            if (threads > running)
            {
                process.Send($"threads {threads - running}");
                running = threads;
            }

            ulong address = ulong.Parse(process.Send($"fields {Vmas - (await target.CaptureLayoutAsync()).Count} 1")[0], NumberStyles.HexNumber);
            AddressRange fields = new(address, address + (Ranges * (ulong)Environment.SystemPageSize));
            LayoutSnapshot text = await TextCapture.CaptureAsync(target, new LayoutReader(), CaptureOptions.Default, CancellationToken.None);
            using BenchCgroup? cgroup = BenchCgroup.TryCreate(process.Pid);
            foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Signal, FreezerKind.Cgroup })
            {
                // A plan made from the text alone has no sequence that could still be the same.
                HintOptions options = Options with { Freezer = freezer };
                new WindowHarness().Measure(target, Plan(text, fields), options, $"{freezer,-8} {running,7} text    ", isLong);
                LayoutSnapshot layout = await target.CaptureLayoutAsync();
                if (layout.Token.Stamp is not null)
                {
                    new WindowHarness().Measure(target, Plan(layout, fields), options, $"{freezer,-8} {running,7} sequence", isLong);
                }
            }
        }
    }

    private static HintPlan Plan(LayoutSnapshot layout, AddressRange fields)
    {
        HintPlan plan = HintPlan.Create(layout, Advice.Cold, [fields]);
        return plan.Ranges.Count == Ranges ? plan : throw new InvalidOperationException($"{plan.Ranges.Count} ranges were planned, not {Ranges}.");
    }

    private void Measure(ProcessTarget target, HintPlan plan, HintOptions options, string name, bool isLong)
    {
        int transactions = isLong ? 1_000 : 100;
        for (int i = 0; i < Warmups + transactions; i++)
        {
            HintOutcome outcome = target.Apply(plan, options);
            if (i >= Warmups)
            {
                Add(outcome);
            }
        }

        string outcomes = string.Join(", ", _statuses.Select(static status => $"{status.Value} {status.Key}"));
        Console.WriteLine(
            $"{name} | {_freeze.Median,7:N0} {_recheck.Median,7:N0} {_advise.Median,7:N0} {_thaw.Median,7:N0} | {_pause.Median,7:N0} {_pause.At(0.9),9:N0} | {outcomes}");
    }

    private void Add(HintOutcome outcome)
    {
        _statuses[outcome.Status] = _statuses.GetValueOrDefault(outcome.Status) + 1;
        if (outcome.Status == HintStatus.Applied)
        {
            _freeze.Add(outcome.Timings.Freeze);
            _recheck.Add(outcome.Timings.Recheck);
            _advise.Add(outcome.Timings.Advise);
            _thaw.Add(outcome.Timings.Thaw);
            _pause.Add(outcome.LongestPause);
        }
    }
}
