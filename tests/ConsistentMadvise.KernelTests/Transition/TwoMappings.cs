namespace ConsistentMadvise.KernelTests;

/// <summary>A race target with two touched mappings of the same length that are apart from each other, and a plan of both.</summary>
internal sealed class TwoMappings : IDisposable
{
    private readonly ProcessTarget _target;

    public TwoMappings(int pages, Advice? advice = null)
    {
        Process = RaceTargetProcess.Start();
        AddressRange[] ranges = [.. Enumerable.Range(0, 2).Select(_ => Process.MapTouched(pages)).Select(address => new AddressRange(address, address + (ulong)(pages * Environment.SystemPageSize)))];
        Process.Protect(ranges.Max().Start, pages, "rx"); // else the kernel would merge two neighbours into one VMA
        _target = ProcessTarget.Open(Process.Pid);
        LayoutSnapshot layout = _target.Capture();
        Plan = HintPlan.Create(layout, advice ?? Advice.Cold, ranges);
    }

    public RaceTargetProcess Process { get; }

    public HintPlan Plan { get; }

    public HintOutcome Apply(HintOptions options, ITransactionProbe? probe = null, CancellationToken cancellationToken = default) =>
        TargetTransactions.Run(_target, Plan, options, probe, cancellationToken);

    public void Dispose()
    {
        _target.Dispose();
        Process.Dispose();
    }
}
