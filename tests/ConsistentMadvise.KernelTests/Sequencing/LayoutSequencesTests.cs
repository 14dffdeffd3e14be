namespace ConsistentMadvise.KernelTests;

/// <summary>All processes at one go.</summary>
public sealed class LayoutSequencesTests
{
    [KernelFact(Needs.Bpf)]
    public void ReadAll_RunningTarget_AgreesWithASingleReading()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        LayoutSequences all = LayoutSequences.ReadAll();

        Assert.True(all.TryFind(target.Identity, out LayoutSequence found));
        Assert.True(SequenceReader.Shared.TryRead(process.Pid, out SequenceReading single));
        Assert.Equal(single, found.Reading);
        Assert.Equal(all.Select(static entry => entry.Process.Pid).Order(), all.Select(static entry => entry.Process.Pid));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void ChangedSince_OneTargetChangesItsLayout_ReportsItAndNotTheQuietOne()
    {
        using RaceTargetProcess busy = RaceTargetProcess.Start();
        using RaceTargetProcess quiet = RaceTargetProcess.Start();
        LayoutSequences before = LayoutSequences.ReadAll();

        busy.Unmap(busy.Map(1), 1);
        IReadOnlyList<LayoutSequenceChange> changes = LayoutSequences.ReadAll().ChangedSince(before);

        LayoutSequenceChange change = Assert.Single(changes, change => change.Process.Pid == busy.Pid);
        Assert.Equal(LayoutSequenceChangeKind.Moved, change.Kind);
        Assert.InRange(change.Delta, 4u, 100u);
        Assert.DoesNotContain(changes, change => change.Process.Pid == quiet.Pid);
    }

    [KernelFact(Needs.Bpf)]
    public void ChangedSince_ProcessesComeGoAndExec_ReportsEach()
    {
        using RaceTargetProcess execs = RaceTargetProcess.Start();
        using RaceTargetProcess ends = RaceTargetProcess.Start();
        LayoutSequences before = LayoutSequences.ReadAll();

        execs.Exec();
        ends.Exit(0);
        using RaceTargetProcess comes = RaceTargetProcess.Start();
        IReadOnlyList<LayoutSequenceChange> changes = LayoutSequences.ReadAll().ChangedSince(before);

        Assert.Equal(LayoutSequenceChangeKind.Replaced, KindOf(execs));
        Assert.Equal(LayoutSequenceChangeKind.Gone, KindOf(ends));
        Assert.Equal(LayoutSequenceChangeKind.Appeared, KindOf(comes));

        LayoutSequenceChangeKind KindOf(RaceTargetProcess process) => Assert.Single(changes, change => change.Process.Pid == process.Pid).Kind;
    }

    [KernelFact(Needs.Bpf)]
    public void ReadAll_MoreProcessesThanOneReadHolds_ListsEach()
    {
        // 32 KiB is what one read of the iterator brings: 819 processes.
        const int Count = 850;
        using ManyProcesses many = new(Count);

        LayoutSequences all = LayoutSequences.ReadAll();
        Assert.Equal(SequenceAvailability.Available, ProcessScan.Read(SequenceReader.Shared, out LayoutSequence[] scanned));

        Assert.Equal(Count, all.Count(entry => many.Pids.Contains(entry.Process.Pid)));
        Assert.Equal(Count, scanned.Count(entry => many.Pids.Contains(entry.Process.Pid)));
        Assert.Equal(all.Count, all.Select(static entry => entry.Process).Distinct().Count());
    }

    [KernelFact(Needs.Bpf)]
    public void Scan_ByProc_AgreesWithTheIterator()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        Assert.True(LayoutSequences.ReadAll().TryFind(target.Identity, out LayoutSequence iterated));
        Assert.Equal(SequenceAvailability.Available, ProcessScan.Read(SequenceReader.Shared, out LayoutSequence[] scanned));

        Assert.Equal(iterated, Assert.Single(scanned, entry => entry.Process.Pid == process.Pid));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void ReadAll_ExitedLeader_IsLeftOut()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.ExitLeader();

        Assert.DoesNotContain(LayoutSequences.ReadAll(), entry => entry.Process.Pid == process.Pid);
    }
}
