using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What a small transaction costs that a helper runs, in turns with the caller's own: time until it returns, pause, and what the calling process allocates.</summary>
internal static class HelperHarness
{
    private const ulong Pages = 16;

    public static async Task RunAsync(bool isLong)
    {
        using BenchTarget process = BenchTarget.Start();
        using BenchCgroup? cgroup = BenchCgroup.TryCreate(process.Pid);
        ulong address = ulong.Parse(process.Send($"map {Pages} rw")[0], NumberStyles.HexNumber);
        process.Send($"touch {address:x} {Pages}");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        AddressRange range = new(address, address + (Pages * (ulong)Environment.SystemPageSize));
        HintPlan plan = HintPlan.Create(await target.CaptureLayoutAsync(), Advice.Cold, [range]);
        int rounds = isLong ? 2000 : 500;
        Console.WriteLine($"COLD of {Pages} pages, {rounds} times in turns; in microseconds");
        Console.WriteLine("freezer  by     | transaction p50     p99     max | pause p50     p99     max | bytes allocated by the caller");
        foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal })
        {
            Row caller = new(target, plan, freezer, TransactionHost.Caller);
            Row helper = new(target, plan, freezer, TransactionHost.Helper);
            for (int i = 0; i < rounds + 20; i++)
            {
                caller.Add(isKept: i >= 20);
                helper.Add(isKept: i >= 20);
            }

            Console.WriteLine(caller);
            Console.WriteLine(helper);
            Console.WriteLine($"{freezer,-8} ratio  | {helper.Times.Median / caller.Times.Median,15:N2} {helper.Times.At(0.99) / caller.Times.At(0.99),7:N2}");
        }
    }

    private sealed class Row(ProcessTarget target, HintPlan plan, FreezerKind freezer, TransactionHost host)
    {
        private readonly HintOptions _options = new() { Freezer = freezer, Host = host, FreezeTimeout = TimeSpan.FromSeconds(5), PauseLimit = Timeout.InfiniteTimeSpan };
        private readonly Samples _pauses = new();
        private readonly Samples _bytes = new();

        public Samples Times { get; } = new();

        public void Add(bool isKept)
        {
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            long begin = Stopwatch.GetTimestamp();
            HintOutcome outcome = target.Apply(plan, _options);
            TimeSpan time = Stopwatch.GetElapsedTime(begin);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            if (outcome.Status != HintStatus.Applied)
            {
                throw new InvalidOperationException($"{host}: {outcome}, {outcome.Message}");
            }

            if (isKept)
            {
                Times.Add(time);
                _pauses.Add(outcome.LongestPause);
                _bytes.Add(TimeSpan.FromMicroseconds(allocated));
            }
        }

        public override string ToString() =>
            $"{freezer,-8} {host,-6} | {Times.Median,15:N0} {Times.At(0.99),7:N0} {Times.At(1),7:N0} | {_pauses.Median,9:N0} {_pauses.At(0.99),7:N0} {_pauses.At(1),7:N0} | {_bytes.Median:N0}";
    }
}
