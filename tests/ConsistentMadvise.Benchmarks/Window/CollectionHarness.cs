using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What collections of the calling process do to the pause: windows of 5 ms of a host that is quiet, allocates, or is made to collect a heap of 400 MB, and the same by a helper.</summary>
internal sealed class CollectionHarness
{
    private const ulong Bytes = 256UL << 20;
    private const int HeapObjects = 4_000_000;

    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(5);

    private readonly Samples _pauses = new();
    private readonly Samples _collections = new();
    private int _windows;

    public static async Task RunAsync(bool isLong)
    {
        using BenchTarget process = BenchTarget.Start();
        using BenchCgroup? cgroup = BenchCgroup.TryCreate(process.Pid);
        ulong pages = Bytes / (ulong)Environment.SystemPageSize;
        ulong address = ulong.Parse(process.Send($"map {pages} rw")[0], NumberStyles.HexNumber);
        process.Send($"touch {address:x} {pages}");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(await target.CaptureLayoutAsync(), Advice.Cold, [new AddressRange(address, address + Bytes)]);
        Console.WriteLine($"COLD of {Bytes >> 20} MiB in windows of {MaxPause.TotalMilliseconds} ms; the longest pause of each transaction in milliseconds, by the clock of the process that holds");
        Console.WriteLine("freezer  by     of a host | transactions, windows | pause p50     p99     max | collections in windows p99 max | of the host: count, mean");
        TimeSpan length = TimeSpan.FromSeconds(isLong ? 30 : 8);
        foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal })
        {
            foreach ((string name, Action<CancellationToken> work) in new (string, Action<CancellationToken>)[] { ("quiet", static _ => { }), ("storm", Allocate), ("forced", Collect) })
            {
                foreach (TransactionHost host in Enum.GetValues<TransactionHost>())
                {
                    Measure(target, plan, freezer, host, name, length, work);
                }
            }
        }
    }

    private static void Measure(
        ProcessTarget target, HintPlan plan, FreezerKind freezer, TransactionHost by, string name, TimeSpan length, Action<CancellationToken> host)
    {
        CollectionHarness harness = new();
        HintOptions options = new()
        {
            Freezer = freezer,
            Host = by,
            MaxPause = MaxPause,
            FreezeTimeout = TimeSpan.FromSeconds(5),
            PauseLimit = Timeout.InfiniteTimeSpan,
            RestBetweenWindows = TimeSpan.FromMilliseconds(2),
        };
        target.Apply(plan, options); // starts what it needs
        using CancellationTokenSource end = new();
        Thread thread = new(() => host(end.Token));
        thread.Start();
        int before = GC.CollectionCount(0);
        TimeSpan pause = GC.GetTotalPauseDuration();
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < length;)
        {
            harness.Apply(target, plan, options);
        }

        end.Cancel();
        thread.Join();
        int count = GC.CollectionCount(0) - before;
        double mean = (GC.GetTotalPauseDuration() - pause).TotalMilliseconds / Math.Max(1, count);
        Console.WriteLine(
            $"{freezer,-8} {by,-6} {name,-9} | {harness._pauses.Count,5} {harness._windows,6} | {harness._pauses.Median / 1000,7:N2} {harness._pauses.At(0.99) / 1000,7:N2} {harness._pauses.At(1) / 1000,7:N2} | "
            + $"{harness._collections.At(0.99) / 1000,7:N2} {harness._collections.At(1) / 1000,7:N2} | {count,5} {mean,7:N2}");
    }

    private void Apply(ProcessTarget target, HintPlan plan, HintOptions options)
    {
        HintOutcome outcome = target.Apply(plan, options);
        if (outcome.Windows == 0)
        {
            throw new InvalidOperationException($"{options.Host}: {outcome}, {outcome.Message}");
        }

        _windows += outcome.Windows;
        _pauses.Add(outcome.LongestPause);
        _collections.Add(outcome.Timings.Collections);
    }

    private static void Allocate(CancellationToken end)
    {
        object[] kept = new object[100_000];
        for (int i = 0; !end.IsCancellationRequested; i++)
        {
            kept[i % kept.Length] = new byte[200 + (i % 800)];
        }
    }

    private static void Collect(CancellationToken end)
    {
        object?[] heap = new object?[HeapObjects / 4];
        for (int i = 0; i < HeapObjects; i++)
        {
            heap[i % heap.Length] = new object?[] { heap[i % heap.Length], null, null, null, null, null, null, null, null };
        }

        while (!end.WaitHandle.WaitOne(20))
        {
#pragma warning disable RS0030 // it is what is measured
            GC.Collect();
#pragma warning restore RS0030
        }

        GC.KeepAlive(heap);
    }
}
