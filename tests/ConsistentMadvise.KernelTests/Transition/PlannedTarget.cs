namespace ConsistentMadvise.KernelTests;

/// <summary>A race target with clean private file pages, and a plan to page just these out: whether they left shows without swap.</summary>
internal sealed class PlannedTarget : IDisposable
{
    public const int Pages = 16;

    private readonly string _file = Path.GetTempFileName();
    private TestCgroup? _cgroup;

    public PlannedTarget(bool asChild = false)
    {
        DiskFile.WriteAndKeep(_file, Pages * Environment.SystemPageSize);
        Process = RaceTargetProcess.Start(asChild);
        Elsewhere = Process.MapTouched(Pages);
        Address = Process.MapFile(_file, Pages);
        Process.Read(Address, Pages);
        ListsOfPages.Empty();
        Target = ProcessTarget.Open(Process.Pid);
    }

    public RaceTargetProcess Process { get; }

    public ProcessTarget Target { get; }

    /// <summary>Where the planned pages are.</summary>
    public ulong Address { get; }

    /// <summary>A mapping of as many pages that no plan names.</summary>
    public ulong Elsewhere { get; }

    public AddressRange Range => new(Address, Address + (ulong)(Pages * Environment.SystemPageSize));

    /// <summary>Whether every planned page is still in memory: none was hinted.</summary>
    public bool IsUntouched => Process.Resident(Address, Pages).Present == Pages;

    /// <summary>The cgroup that <see cref="InCgroup"/> made.</summary>
    public TestCgroup Cgroup => _cgroup!;

    /// <summary>Puts the target into a cgroup of its own.</summary>
    /// <param name="suffix">How the name of the group ends.</param>
    /// <param name="nested">Whether the cgroup lies in another that was made for it.</param>
    public PlannedTarget InCgroup(string suffix = "", bool nested = false)
    {
        _cgroup = new TestCgroup(Process.Pid, suffix, nested);
        return this;
    }

    public LayoutSnapshot Capture() => Target.Capture();

    public HintPlan Plan() => HintPlan.Create(Capture(), Advice.PageOut, [Range]);

    /// <summary>The same plan as a machine makes it that cannot read the sequence: only the text decides.</summary>
    public HintPlan PlanWithoutSequence()
    {
        LayoutSnapshot layout = Capture();
        LayoutToken text = new(layout.Process, layout.Token.VmaCount, layout.Token.Hash);
        return HintPlan.Create(layout.With(text, layout.CapturedAt), Advice.PageOut, [Range]);
    }

    /// <summary>Applies a fresh plan, with patience for a busy machine: no test judges a time.</summary>
    public HintOutcome Apply(HintOptions options, ITransactionProbe? probe = null) => Apply(Plan(), options, probe);

    public HintOutcome Apply(HintPlan plan, HintOptions options, ITransactionProbe? probe = null) =>
        TargetTransactions.Run(Target, plan, options with { FreezeTimeout = Eventually.Patience }, probe, CancellationToken.None);

    public void Dispose()
    {
        Target.Dispose();
        Process.Dispose();
        _cgroup?.Dispose();
        File.Delete(_file);
    }
}
