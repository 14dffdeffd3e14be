using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>A VMA that its own sequence shows as unchanged has the same line of maps: decided both ways under one freeze, on a target that changes all the time.</summary>
/// <remarks>Some 50,000 decisions; <c>CM_EFFORT</c> multiplies them.</remarks>
public sealed class VmaSoundnessTests(ITestOutputHelper output)
{
    private const int Remembered = 8;

    [KernelFact(Needs.Bpf | Needs.Ptrace)]
    public void Recheck_FourChurningThreads_AVmaNeverCountsAsUnchangedIfItsLineDiffers()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        for (int thread = 0; thread < 4; thread++)
        {
            process.StartChurn(300, seed: thread + 1);
        }

        Tally tally = new();
        TransactionThread.TryRun(() => Decide(target, tally, Effort.Times(50_000)));
        process.StopChurn();

        output.WriteLine($"{tally}");
        Assert.Equal(0, tally.Contradictions);
        Assert.True(tally.Unchanged > 0, "no VMA counted as unchanged: nothing was tested");
        Assert.True(tally.Differing > 0, "the control found nothing: no line differed");
        process.AssertRuns();
    }

    private static bool Decide(ProcessTarget target, Tally tally, int decisions)
    {
        Random random = new(13);
        Queue<(uint Sequence, string[] Lines)> remembered = [];
        Assert.True(VmaSequenceReader.Get(out VmaSequenceReader? reader).IsAvailable);
        Assert.Equal(Errno.None, PtraceFreezer.Create(target, out PtraceFreezer? freezer));
        using (freezer)
        {
            while (tally.Decisions < decisions)
            {
                Assert.Equal(TransactionStop.None, freezer!.Freeze(Stopwatch.GetTimestamp() + Stopwatch.Frequency * 30));
                string[] lines = [.. File.ReadLines($"/proc/{target.Pid}/maps").Where(static line => !line.EndsWith("[vsyscall]", StringComparison.Ordinal))]; // no VMA
                Assert.True(SequenceReader.Shared.TryRead(target.Pid, out SequenceReading now));
                foreach ((uint sequence, string[] before) in remembered)
                {
                    Compare(reader!, target.Pid, random.GetItems(before, Math.Min(before.Length, VmaRequest.MaxEntries)), [.. lines], sequence, tally);
                }

                freezer.Thaw();
                Assert.False(now.IsWriting);
                remembered.Enqueue((now.Sequence, lines));
                if (remembered.Count > Remembered)
                {
                    remembered.Dequeue();
                }
            }

            return !freezer!.MustEndThread;
        }
    }

    private static void Compare(VmaSequenceReader reader, int pid, string[] before, HashSet<string> now, uint since, Tally tally)
    {
        Assert.True(reader.TryRent(out VmaBatch batch));
        using (batch)
        {
            AddressRange[] ranges = [.. before.Select(static line => AddressRange.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)]))];
            for (int i = 0; i < ranges.Length; i++)
            {
                batch.Entries[i].Address = ranges[i].Start;
            }

            Assert.Equal(Errno.None, batch.Read(pid, ranges.Length, out _));
            for (int i = 0; i < ranges.Length; i++)
            {
                VmaReading reading = batch.Entries[i];
                Assert.True(reading.IsSettled);
                tally.Add(ranges[i] == new AddressRange(reading.Start, reading.End) && !reading.WasLockedAfter(since), now.Contains(before[i]));
            }
        }
    }

    private sealed class Tally
    {
        public long Decisions { get; private set; }

        public long Unchanged { get; private set; }

        public long Differing { get; private set; }

        public long Contradictions { get; private set; }

        private long _onlyBySequence;

        public void Add(bool isUnchanged, bool hasLine)
        {
            Decisions++;
            Unchanged += isUnchanged ? 1 : 0;
            Differing += hasLine ? 0 : 1;
            Contradictions += isUnchanged && !hasLine ? 1 : 0;
            _onlyBySequence += !isUnchanged && hasLine ? 1 : 0;
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Decisions} decisions: {Unchanged} unchanged by sequence, {Differing} lines differ, {_onlyBySequence} changes that no line shows, {Contradictions} contradictions");
    }
}
