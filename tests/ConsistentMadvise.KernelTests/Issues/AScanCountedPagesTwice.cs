namespace ConsistentMadvise.KernelTests;

/// <summary><c>PAGEMAP_SCAN</c> says too little of how far it came when it finds more than 512 regions: what lay after that was found, and counted, twice.</summary>
public sealed class AScanCountedPagesTwice
{
    private const int Regions = 800;
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_ManyRegionsInARange_MeasuresEachOnce()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(2 * Regions);
        for (int i = 0; i < Regions; i++)
        {
            process.Touch(address + (ulong)(2 * i) * Page, 1);
        }

        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [new AddressRange(address, address + 2 * Regions * Page)]);

        HintOutcome outcome = target.Apply(plan, new HintOptions { MeasureEffect = true, MaxPause = Timeout.InfiniteTimeSpan, FreezeTimeout = Eventually.Patience });

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.Equal(Regions * Page, outcome.Effect!.Before.ResidentBytes);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Find_ManyRangesOfOnePage_FindsEachOnce()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(2 * Regions, 1);
        for (int i = 0; i < Regions; i++)
        {
            process.Unmap(address + (ulong)((2 * i) + 1) * stride, 1);
        }

        ulong reserved = process.Map(32 * 1024);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        AddressRange fields = new(address, address + 2 * Regions * stride);
        AddressRange empty = new(reserved, reserved + 32 * 1024 * Page);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, vma => fields.Contains(vma.Range) || vma.Range == empty);

        HeldMemory held = HeldMemory.Find(target, plan, CancellationToken.None)!;

        Assert.Equal(Regions, held.Ranges.Length);
        Assert.Equal(held.Ranges, held.Origins.Select(origin => plan.Ranges[origin]));
        Assert.Equal(held.Ranges.Order(), held.Ranges);
        process.AssertRuns();
    }
}
