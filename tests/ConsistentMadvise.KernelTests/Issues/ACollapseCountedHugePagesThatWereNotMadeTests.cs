using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A collapse said 60 of 64 MiB where 6 were made, and none where a hole came after the first that were; the account is held against what smaps says.</summary>
public sealed class ACollapseCountedHugePagesThatWereNotMadeTests
{
    private const int Units = 16;

    private static readonly ulong Huge = HugePage.Bytes;
    private static readonly int PagesOfUnit = (int)(HugePage.Bytes / (ulong)Environment.SystemPageSize);

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public void Apply_Collapse_CountsWhatIsHuge(int maxPauseMilliseconds)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(Units * PagesOfUnit);

        HintOutcome outcome = Collapse(process, new AddressRange(address, address + Units * Huge), maxPauseMilliseconds);

        Assert.InRange(outcome.BytesAdvised, Huge, Units * Huge);
        Assert.Equal(outcome.BytesAdvised, HugeBytes(process.Pid, address));
        Assert.Equal(outcome.BytesAdvised, outcome.Ranges.Aggregate(0ul, static (sum, range) => sum + range.BytesAdvised));
        process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(0)]
    [InlineData(1)]
    public void Apply_CollapseWithUntouchedUnits_MakesTheOthersAndCountsThem(int maxPauseMilliseconds)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(Units * PagesOfUnit);
        for (int unit = 0; unit < Units; unit += 4)
        {
            process.Touch(address + (ulong)unit * Huge, PagesOfUnit);
        }

        HintOutcome outcome = Collapse(process, new AddressRange(address, address + Units * Huge), maxPauseMilliseconds);

        Assert.Equal((HintStatus.PartlyApplied, HintReason.SomeRangesFailed), (outcome.Status, outcome.Reason));
        Assert.Equal((RangeStatus.Incomplete, 22), (Assert.Single(outcome.Ranges).Status, outcome.Ranges[0].Errno));
        Assert.Equal(Units / 4 * Huge, outcome.BytesAdvised);
        Assert.Equal(outcome.BytesAdvised, HugeBytes(process.Pid, address));
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_CollapseWithAHole_GoesOnAfterIt()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(Units * PagesOfUnit);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Collapse, [new AddressRange(address, address + Units * Huge)]);
        process.Unmap(address + 5 * Huge, PagesOfUnit);

        HintOutcome outcome = target.Apply(plan, new HintOptions { Consistency = HintConsistency.Unchecked });

        Assert.Equal((HintStatus.PartlyApplied, (Units - 1) * Huge), (outcome.Status, outcome.BytesAdvised));
        Assert.Equal(outcome.BytesAdvised, HugeBytes(process.Pid, address) + HugeBytes(process.Pid, address + 6 * Huge));
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_CollapseOfUnalignedRange_PlansWhatIsInside()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong page = (ulong)Environment.SystemPageSize;
        ulong address = process.MapTouched(4 * PagesOfUnit);

        HintOutcome outcome = Collapse(process, new AddressRange(address + page, address + 4 * Huge - page), 0);

        Assert.Equal((HintStatus.Applied, 2 * Huge, 2 * Huge), (outcome.Status, outcome.BytesPlanned, outcome.BytesAdvised));
        Assert.Equal(2 * Huge, HugeBytes(process.Pid, address));
        process.AssertRuns();
    }

    private static HintOutcome Collapse(RaceTargetProcess process, AddressRange range, int maxPauseMilliseconds)
    {
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintOptions options = new()
        {
            FreezeTimeout = Eventually.Patience,
            MaxPause = maxPauseMilliseconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(maxPauseMilliseconds),
            RestBetweenWindows = TimeSpan.Zero,
        };
        return target.Apply(HintPlan.Create(target.Capture(), Advice.Collapse, [range]), options);
    }

    /// <summary>AnonHugePages of the VMA that begins at an address (proc_pid_smaps(5)).</summary>
    private static ulong HugeBytes(int pid, ulong start)
    {
        string value = File.ReadLines($"/proc/{pid}/smaps")
            .SkipWhile(line => !line.StartsWith($"{start:x8}-", StringComparison.Ordinal))
            .First(static line => line.StartsWith("AnonHugePages:", StringComparison.Ordinal));
        return ulong.Parse(value.AsSpan("AnonHugePages:".Length, value.Length - "AnonHugePages:".Length - 3).Trim(), NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
    }
}
