using System.Diagnostics;
using ConsistentMadvise.Interop;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>Whatever the sequence accepts, the text accepts too: decided both ways under one freeze, on a target that changes all the time.</summary>
public sealed class SequenceSoundnessTests(ITestOutputHelper output)
{
    private const int Remembered = 16;

    [KernelFact(Needs.Bpf | Needs.Ptrace)]
    public void Recheck_FourChurningThreads_SequenceNeverAcceptsWhatTheTextRejects()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        for (int thread = 0; thread < 4; thread++)
        {
            process.StartChurn(300, seed: thread + 1);
        }

        Tally tally = new();
        TransactionThread.TryRun(() => Decide(target, tally, Effort.Times(2000)));
        process.StopChurn();

        output.WriteLine($"{tally}");
        Assert.Equal(0, tally.Contradictions);
        Assert.True(tally.AcceptedBySequence > 0, "the sequence never accepted: nothing was tested");
        Assert.True(tally.RejectedByText > 0, "the control found nothing: without the comparison no hint would have been wrong");
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Ptrace | Needs.NiceCapability)]
    public void Match_SameLineMappedAgain_IsStaleBySequenceAndAppliedByLayout()
    {
        using PlannedTarget target = new();
        int rejected = 0, accepted = 0;
        int rounds = Effort.Times(100);
        for (int round = 0; round < rounds; round++)
        {
            HintPlan plan = target.Plan();
            target.Process.ReplaceWithSame(target.Elsewhere, PlannedTarget.Pages);
            rejected += target.Apply(plan, new HintOptions { Match = LayoutMatch.Sequence }).Status == HintStatus.Stale ? 1 : 0;
            accepted += round % 100 == 0 && target.Apply(plan, new HintOptions { Match = LayoutMatch.Layout }).Status == HintStatus.Applied ? 1 : 0;
        }

        output.WriteLine($"{rejected} of {rounds} rejected by sequence, {accepted} of {(rounds + 99) / 100} accepted by layout");
        Assert.Equal((rounds, (rounds + 99) / 100), (rejected, accepted));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.NiceCapability)]
    public void Optimistic_QuietTarget_NeverRaces()
    {
        using PlannedTarget target = new();
        int hints = Effort.Times(1000);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]);
        target.Process.StartGapRecorder();
        long begin = Stopwatch.GetTimestamp();
        int applied = 0;
        for (int i = 0; i < hints; i++)
        {
            // A plan lives for minutes; a capture of an unchanged target costs a system call.
            plan = i % 1000 == 0 ? HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]) : plan;
            applied += target.Apply(plan, new HintOptions { Consistency = HintConsistency.Optimistic }).Status == HintStatus.Applied ? 1 : 0;
        }

        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        TimeSpan hinted = target.Process.LargestGap();
        target.Process.StopGapRecorder();
        target.Process.StartGapRecorder();
        Kernel.Sleep((long)took.TotalNanoseconds); // as long again without a hint, for comparison
        TimeSpan left = target.Process.LargestGap();
        target.Process.StopGapRecorder();

        output.WriteLine(
            $"{applied} of {hints} applied in {took.TotalSeconds:F1} s; the target's largest gap {hinted.TotalMilliseconds:F2} ms, without hints {left.TotalMilliseconds:F2} ms");
        Assert.Equal(hints, applied);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.NiceCapability)]
    public void Optimistic_ChurningTarget_ReportsEveryRaceThatTheTextShows()
    {
        (int hints, int applied, int silent, int seen) = HintAChurningTarget(LayoutMatch.Layout);
        Assert.Equal(0, silent);
        Assert.True(seen > 0 && applied < hints, "the oracle saw no change: nothing was tested");
    }

    [KernelFact(Needs.Bpf | Needs.NiceCapability)]
    public void Optimistic_RangesOfAChurningTarget_AreAppliedAll()
    {
        (int hints, int applied, _, int seen) = HintAChurningTarget(LayoutMatch.Ranges);
        Assert.Equal(hints, applied);
        Assert.True(seen > 0, "nothing changed elsewhere: nothing was tested");
    }

    private (int Hints, int Applied, int Silent, int Seen) HintAChurningTarget(LayoutMatch match)
    {
        using PlannedTarget target = new();
        target.Process.StartChurn(3000, seed: 7);
        TextOracle oracle = new(target.Target);
        int raced = 0, applied = 0, silent = 0, seen = 0;
        int hints = 0;
        while (hints < Effort.Times(500))
        {
            HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]);
            hints++;
            oracle.Forget();
            HintStatus status = target.Apply(plan, new HintOptions { Match = match, Consistency = HintConsistency.Optimistic }, oracle).Status;
            raced += status == HintStatus.Raced ? 1 : 0;
            applied += status == HintStatus.Applied ? 1 : 0;
            seen += oracle.SawAChange ? 1 : 0;
            silent += oracle.SawAChange && status == HintStatus.Applied ? 1 : 0;
        }

        target.Process.StopChurn();
        output.WriteLine($"{hints} hints by {match}: {applied} applied, {raced} raced, the text showed {seen} changes, {silent} of them unreported");
        target.Process.AssertRuns();
        return (hints, applied, silent, seen);
    }

    private static bool Decide(ProcessTarget target, Tally tally, int decisions)
    {
        Assert.Equal(Errno.None, PtraceFreezer.Create(target, out PtraceFreezer? freezer));
        using (freezer)
        {
            MapsHasher hasher = new();
            (SequenceReading Reading, UInt128 Text)[] remembered = new (SequenceReading, UInt128)[Remembered];
            int next = 0;
            while (tally.Decisions < decisions)
            {
                remembered[next++ % Remembered] = Read(target, hasher);
                TransactionStop frozen = freezer!.Freeze(Stopwatch.GetTimestamp() + Stopwatch.Frequency * 30);
                Assert.Equal(TransactionStop.None, frozen);
                (SequenceReading now, UInt128 text) = Read(target, hasher);
                freezer.Thaw();
                foreach ((SequenceReading reading, UInt128 before) in remembered.AsSpan(0, Math.Min(next, Remembered)))
                {
                    tally.Add(now.IsUnchangedSince(in reading), text == before);
                }
            }

            return !freezer!.MustEndThread;
        }
    }

    /// <summary>A text during whose reading no task wrote to the address space, and its sequence.</summary>
    private static (SequenceReading Reading, UInt128 Text) Read(ProcessTarget target, MapsHasher hasher)
    {
        while (true)
        {
            Assert.True(SequenceReader.Shared.TryRead(target.Pid, out SequenceReading before));
            Assert.Equal(Errno.None, target.Directory.OpenFile("maps\0"u8, out LocalFile maps));
            using LocalFile opened = maps;
            Assert.Equal(Errno.None, hasher.Hash(in maps, out UInt128 text, out _));
            if (SequenceReader.Shared.TryRead(target.Pid, out SequenceReading after) && after.IsUnchangedSince(in before))
            {
                return (after, text);
            }
        }
    }

    private sealed class Tally
    {
        public long Decisions { get; private set; }

        public long AcceptedBySequence { get; private set; }

        public long RejectedByText { get; private set; }

        public long Contradictions { get; private set; }

        public void Add(bool bySequence, bool byText)
        {
            Decisions++;
            AcceptedBySequence += bySequence ? 1 : 0;
            RejectedByText += byText ? 0 : 1;
            Contradictions += bySequence && !byText ? 1 : 0;
        }

        public override string ToString() =>
            $"{Decisions} decisions: {AcceptedBySequence} accepted by sequence, {RejectedByText} rejected by text, {Contradictions} contradictions";
    }

    /// <summary>Looks at the text before and after the hint, without the sequence: what differs has changed meanwhile.</summary>
    private sealed class TextOracle(ProcessTarget target) : ITransactionProbe
    {
        private readonly MapsHasher _hasher = new();
        private UInt128? _before;

        public bool SawAChange { get; private set; }

        public void Forget() => (_before, SawAChange) = (null, false);

        public void At(TransactionPhase phase)
        {
            if (phase == TransactionPhase.Prechecked)
            {
                _before = Read();
            }
            else if (phase == TransactionPhase.Advised)
            {
                SawAChange = Read() != _before;
            }
        }

        private UInt128 Read()
        {
            Assert.Equal(Errno.None, target.Directory.OpenFile("maps\0"u8, out LocalFile maps));
            using LocalFile opened = maps;
            Assert.Equal(Errno.None, _hasher.Hash(in maps, out UInt128 text, out _));
            return text;
        }
    }
}
