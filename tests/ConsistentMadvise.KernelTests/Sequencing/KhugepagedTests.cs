using System.Globalization;
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
