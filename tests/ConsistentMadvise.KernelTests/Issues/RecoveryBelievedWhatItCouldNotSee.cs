using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A group was "gone" when its path was not there (cgroups mounted elsewhere), a target "exited" when it could not be looked at (seccomp, no descriptor). Both lost
/// their journal and stayed frozen.
/// </summary>
public sealed class RecoveryBelievedWhatItCouldNotSee : IDisposable
{
    private const int DacReadSearch = 2; // CAP_DAC_READ_SEARCH

    private readonly HandMadeJournals _journals = new();

    public void Dispose() => _journals.Dispose();

    [KernelTheory(Needs.CgroupV2)]
    [InlineData(false)]
    [InlineData(true)]
    public void Recover_TheHierarchyIsMountedElsewhere_FindsTheGroupByItsInode(bool withoutHandles)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup(nested: true);
        target.Cgroup.Freeze(true);
        _journals.Add(JournalOwner.Current, JournalEntry.OfCgroup(target.Target, new BytePath("/nowhere/leaf"), InodeOf(target.Cgroup.Path)));
        IReadOnlyList<RecoveredFreeze> recovered = [];

        CapabilitySet.RunWithout(withoutHandles ? [DacReadSearch] : [], () => recovered = _journals.Recover());

        Assert.Equal(RecoveryStatus.Thawed, Assert.Single(recovered).Status);
        Assert.False(target.Cgroup.IsFrozen);
        Assert.Equal(0, _journals.Count);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.CgroupV2)]
    [InlineData(false)]
    [InlineData(true)]
    public void Recover_TheGroupWasRemoved_NothingIsLeft(bool withoutHandles)
    {
        using PlannedTarget target = new();
        string path = $"{CgroupProbe.MountPoint}/consistent-madvise-removed-{Environment.ProcessId}-{withoutHandles}";
        Directory.CreateDirectory(path);
        ulong inode = InodeOf(path);
        Directory.Delete(path);
        _journals.Add(JournalOwner.Current, JournalEntry.OfCgroup(target.Target, new BytePath(path), inode));
        IReadOnlyList<RecoveredFreeze> recovered = [];

        CapabilitySet.RunWithout(withoutHandles ? [DacReadSearch] : [], () => recovered = _journals.Recover());

        Assert.Equal(RecoveryStatus.TargetExited, Assert.Single(recovered).Status);
        Assert.Equal(0, _journals.Count);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Seccomp)]
    public void Recover_PidfdOpenIsDenied_IsAFailureWithTheErrnoAndTheJournalStays()
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        _journals.Add(JournalOwner.Current, JournalEntry.OfSignal(target.Target));
        IReadOnlyList<RecoveredFreeze> recovered = [];

        SeccompFilter.RunDenying([SyscallNumber.pidfd_open], Errno.EPERM, () => recovered = _journals.Recover());

        RecoveredFreeze failed = Assert.Single(recovered);
        Assert.Equal(RecoveryStatus.Failed, failed.Status);
        Assert.Contains("EPERM", failed.Message, StringComparison.Ordinal);
        Assert.Equal(RecoveryStatus.Thawed, Assert.Single(_journals.Recover()).Status);
        target.Process.Accept("stop");
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Seccomp)]
    public void Recover_TheGuardCannotBeChecked_IsAFailureAndTheJournalStays()
    {
        using PlannedTarget target = new();
        string journal = _journals.Add(JournalOwner.Current, JournalEntry.OfSignal(target.Target));
        File.WriteAllText($"{journal}/guard", new GuardIdentity(target.Process.Pid, target.Target.Identity.StartTime).ToString());
        IReadOnlyList<RecoveredFreeze> recovered = [];

        SeccompFilter.RunDenying([SyscallNumber.pidfd_open], Errno.EMFILE, () => recovered = _journals.Recover());

        Assert.Equal(RecoveryStatus.Failed, Assert.Single(recovered).Status);
        Assert.Contains("EMFILE", recovered[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, _journals.Count);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.None)]
    public void Recover_OtherProcessWithThePid_IsNotSignalled()
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        _journals.Add(JournalOwner.Current, entry with { Head = entry.Head with { StartTime = entry.Head.StartTime + 2, PidfdInode = 0 } });
        _journals.Add(JournalOwner.Current, entry with { Head = entry.Head with { PidfdInode = entry.Head.PidfdInode + 1 } });

        Assert.All(_journals.Recover(), static freeze => Assert.Equal(RecoveryStatus.TargetExited, freeze.Status));
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    private static ulong InodeOf(string directory)
    {
        Assert.Equal(Errno.None, Kernel.FilePlace(Encoding.UTF8.GetBytes($"{directory}\0"), out _, out ulong inode));
        return inode;
    }
}
