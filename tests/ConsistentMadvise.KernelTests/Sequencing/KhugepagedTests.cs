using System.Globalization;
using ConsistentMadvise.Interop;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>What khugepaged does to the sequence. Its pace is the machine's: targets of other tests would lose their small pages.</summary>
[Collection(ProcessAlone.Name)]
public sealed class KhugepagedTests(ITestOutputHelper output)
{
    private const string Settings = "/sys/kernel/mm/transparent_hugepage/khugepaged";

    [KernelFact(Needs.Bpf | Needs.X64 | Needs.Root)]
    public void Sequence_KhugepagedMakesAHugePage_HasMoved()
    {
        const int Madvise = 28, MADV_HUGEPAGE = 14;
        using SequenceTarget target = new();
        ulong start = SequenceOperation.MapSmallPages(target);
        string scan = ReadRest("scan"), allocation = ReadRest("alloc");
        try
        {
            // Read before the advice, which moves the sequence by 2: khugepaged may come at any moment after it.
            SequenceReading before = Read(target);
            Assert.Equal(0, HugeKilobytes(target));
            target.Call(Madvise, start, SequenceOperation.HugePage, MADV_HUGEPAGE);
            SetRest("alloc", "20"); // milliseconds; a minute by default, after it has found no huge page
            SetRest("scan", "20"); // ten seconds by default
            Eventually.Holds(
                () =>
                {
                    target.Process.Touch(start, 1); // it takes only memory that is in use
                    return HugeKilobytes(target) > 0;
                },
                "khugepaged has made a huge page");

            uint moved = Read(target).Sequence - before.Sequence - 2;
            output.WriteLine($"khugepaged: {moved}");
            Assert.InRange(moved, 2u, 1000u);
        }
        finally
        {
            SetRest("scan", scan);
            SetRest("alloc", allocation);
        }

        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Bpf | Needs.X64 | Needs.Root | Needs.Ptrace)]
    [InlineData(LayoutMatch.Layout)]
    [InlineData(LayoutMatch.Ranges)]
    public void Frozen_KhugepagedMakesAHugePageElsewhereInTheWindow_IsApplied(LayoutMatch match)
    {
        string scan = ReadRest("scan"), allocation = ReadRest("alloc");
        try
        {
            SetRest("alloc", "20");
            Eventually.Holds(() => ApplyWhileItWorks(match), "khugepaged makes its huge page in the window, and not before");
        }
        finally
        {
            SetRest("scan", scan);
            SetRest("alloc", allocation);
        }
    }

    /// <summary>Returns false if khugepaged came too early, or not in a while.</summary>
    private bool ApplyWhileItWorks(LayoutMatch match)
    {
        const int Madvise = 28, MADV_HUGEPAGE = 14;
        SetRest("scan", "600000"); // it wakes once, and rests then
        using SequenceTarget target = new();
        ulong start = SequenceOperation.MapSmallPages(target), planned = VmaOperation.MapPlanned(target);
        target.Process.Touch(planned, 2);
        using ProcessTarget opened = ProcessTarget.Open(target.Process.Pid);
        target.Call(Madvise, start, SequenceOperation.HugePage, MADV_HUGEPAGE);
        target.Process.Touch(start, 1);
        HintPlan plan = HintPlan.Create(opened.Capture(), Advice.Cold, [new AddressRange(planned, planned + 2 * SequenceTarget.Page)]);
        uint moved = 0;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () =>
        {
            SequenceReading held = Read(target);
            SetRest("scan", "20");
            for (int i = 0; i < 1000 && moved == 0; i++)
            {
                Kernel.Sleep(1_000_000);
                moved = Read(target).Sequence - held.Sequence;
            }
        });

        // The sharer, which calls for the target, waits meanwhile.
        HintOptions options = new() { Match = match, Freezer = FreezerKind.Ptrace, Sharers = SharerPolicy.Ignore, FreezeTimeout = Eventually.Patience };
        HintOutcome outcome = TargetTransactions.Run(opened, plan, options, probe, CancellationToken.None);

        output.WriteLine($"{match}: khugepaged moved the sequence by {moved} in the window: {outcome.Status}");
        Assert.Equal((HintStatus.Applied, plan.Bytes), (outcome.Status, outcome.BytesAdvised));
        target.Process.AssertRuns();
        return moved != 0;
    }

    private static string ReadRest(string what) => File.ReadAllText($"{Settings}/{what}_sleep_millisecs");

    private static void SetRest(string what, string milliseconds) => File.WriteAllText($"{Settings}/{what}_sleep_millisecs", milliseconds);

    private static int HugeKilobytes(SequenceTarget target) => int.Parse(
        File.ReadLines($"/proc/{target.Process.Pid}/smaps_rollup").Single(static line => line.StartsWith("AnonHugePages:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static SequenceReading Read(SequenceTarget target)
    {
        Assert.True(SequenceReader.Shared.TryRead(target.Process.Pid, out SequenceReading reading), $"{reading.State}");
        return reading;
    }
}
