using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A collapse said 60 of 64 MiB where 6 were made, and none where a hole came after the first that were; the account is held against what smaps says.</summary>
public sealed class ACollapseCountedHugePagesThatWereNotMade
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

        AddressRange range = Touched(process, Units);

        HintOutcome outcome = Collapse(process, range, maxPauseMilliseconds);

        Assert.InRange(outcome.BytesAdvised, Huge, Units * Huge);
        Assert.Equal(outcome.BytesAdvised, HugeBytes(process.Pid, range));
        Assert.Equal(outcome.BytesAdvised, outcome.Ranges.Aggregate(0ul, static (sum, range) => sum + range.BytesAdvised));
        process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(0)]
    [InlineData(1)]
    public void Apply_CollapseWithUntouchedUnits_MakesTheOthersAndCountsThem(int maxPauseMilliseconds)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        HintOutcome outcome = CollapseAll(process, Units / 4, MapAndTouchAQuarter, range => Collapse(process, range, maxPauseMilliseconds));

        Assert.Equal((HintStatus.PartlyApplied, HintReason.SomeRangesFailed), (outcome.Status, outcome.Reason));
        Assert.Equal((RangeStatus.Incomplete, 22), (Assert.Single(outcome.Ranges).Status, outcome.Ranges[0].Errno));
        process.AssertRuns();

        AddressRange MapAndTouchAQuarter()
        {
            ulong address = process.Map(Units * PagesOfUnit);
            for (int unit = 0; unit < Units; unit += 4)
            {
                process.Touch(address + (ulong)unit * Huge, PagesOfUnit);
            }

            return new AddressRange(address, address + Units * Huge);
        }
    }

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_CollapseWithAHole_GoesOnAfterIt()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        HintOutcome outcome = CollapseAll(process, Units - 1, () => Touched(process, Units), CollapseWithAHole);

        Assert.Equal(HintStatus.PartlyApplied, outcome.Status);
        process.AssertRuns();

        HintOutcome CollapseWithAHole(AddressRange range)
        {
            HintPlan plan = HintPlan.Create(target.Capture(), Advice.Collapse, [range]);
            process.Unmap(range.Start + 5 * Huge, PagesOfUnit);
            return target.Apply(plan, new HintOptions { Consistency = HintConsistency.Unchecked });
        }
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_CollapseOfUnalignedRange_PlansWhatIsInside()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong page = (ulong)Environment.SystemPageSize;

        HintOutcome outcome = CollapseAll(
            process, 2, () => Touched(process, 4), range => Collapse(process, new AddressRange(range.Start + page, range.End - page), 0));

        Assert.Equal((HintStatus.Applied, 2 * Huge), (outcome.Status, outcome.BytesPlanned));
        process.AssertRuns();
    }

    private static AddressRange Touched(RaceTargetProcess process, int units)
    {
        ulong address = process.MapTouched(units * PagesOfUnit);
        return new AddressRange(address, address + (ulong)units * Huge);
    }

    /// <summary>Collapses memory that is mapped again each time, until the kernel makes so many huge pages: it makes none of pages that it moves at that moment (compaction).</summary>
    private static HintOutcome CollapseAll(RaceTargetProcess process, int units, Func<AddressRange> map, Func<AddressRange, HintOutcome> collapse)
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            AddressRange range = map();
            HintOutcome outcome = collapse(range);
            Assert.Equal(outcome.BytesAdvised, HugeBytes(process.Pid, range));
            if (outcome.BytesAdvised == (ulong)units * Huge)
            {
                return outcome;
            }

            Assert.True(outcome.BytesAdvised < (ulong)units * Huge && Stopwatch.GetElapsedTime(begin) < Eventually.Patience, $"{outcome}");
            process.Unmap(range.Start, (int)(range.Length / (ulong)Environment.SystemPageSize));
        }
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

    /// <summary>AnonHugePages of the VMAs in a range (proc_pid_smaps(5)).</summary>
    private static ulong HugeBytes(int pid, AddressRange range)
    {
        ulong bytes = 0;
        bool isInside = false;
        foreach (string[] words in File.ReadLines($"/proc/{pid}/smaps").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            isInside = words[0].Split('-') is [string start, string end] ? Hex(start) < range.End && Hex(end) > range.Start : isInside;
            bytes += isInside && words[0] == "AnonHugePages:" ? ulong.Parse(words[1], NumberStyles.None, CultureInfo.InvariantCulture) * 1024 : 0;
        }

        return bytes;
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
