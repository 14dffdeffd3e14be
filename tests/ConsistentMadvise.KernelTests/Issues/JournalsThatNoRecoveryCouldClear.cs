using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Journals of a pid namespace that is gone, and those whose maker died before it had written the owner, stayed for ever.</summary>
public sealed class JournalsThatNoRecoveryCouldClear : IDisposable
{
    private readonly HandMadeJournals _journals = new();

    public void Dispose() => _journals.Dispose();

    [KernelFact(Needs.Root | Needs.CgroupV2)]
    public void Recover_ThePidNamespaceIsGone_ItsProcessesHaveExitedAndItsGroupIsThawed()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using PlannedTarget other = new();
        string pidNamespace = string.Empty;
        using (Process first = Process.Start(new ProcessStartInfo("unshare", ["--pid", "--fork", "--kill-child", "sh", "-c", "readlink /proc/self/ns/pid_for_children; exec sleep 600"]) { RedirectStandardOutput = true })!)
        {
            pidNamespace = first.StandardOutput.ReadLine()!;
            JournalOwner owner = JournalOwner.Current with { PidNamespace = pidNamespace };
            target.Cgroup.Freeze(true);
            other.Process.StopItself();
            JournalEntry group = JournalEntry.OfCgroup(target.Target, new BytePath(target.Cgroup.Path), Inode(target));
            _journals.Add(owner, group, JournalEntry.OfSignal(other.Target));

            Assert.All(_journals.Recover(), static freeze => Assert.Equal(RecoveryStatus.OtherNamespace, freeze.Status));
            Assert.True(target.Cgroup.IsFrozen);

            first.Kill();
            Assert.True(first.WaitForExit(Eventually.Patience));
        }

        IReadOnlyList<RecoveredFreeze> recovered = [];
        Eventually.Holds(() => (recovered = _journals.Recover()).All(static freeze => freeze.Status != RecoveryStatus.OtherNamespace), "the namespace is gone");

        Assert.Equal([RecoveryStatus.Thawed, RecoveryStatus.TargetExited], recovered.Select(static freeze => freeze.Status).Order());
        Assert.Equal(0, _journals.Count);
        target.Process.AssertRuns();
        Assert.All(ThreadStatus.ReadAll(other.Process.Pid), static thread => Assert.True(thread.IsStopped)); // another process with that pid
        other.Process.Continue();
        other.Process.AssertRuns();
    }

    [KernelFact(Needs.None)]
    public void Recover_NoOwner_IsRemovedUnlessOneIsBeingMade()
    {
        _journals.Add(owner: null);
        Assert.Equal(Errno.None, JournalRoots.Open(_journals.Root, out SafeDescriptor root));
        using (root)
        {
            Assert.Equal(Errno.None, Kernel.Lock(root, Uapi.LOCK_EX | Uapi.LOCK_NB));
            Assert.Empty(_journals.Recover());
            Assert.Equal(1, _journals.Count);
        }

        // A process that another test has just forked holds the lock of the root until its execve(2).
        Eventually.Holds(() => _journals.Recover().Count == 0 && _journals.Count == 0, "the journal is removed");
    }

    [KernelFact(Needs.None)]
    public void Recover_NoOwnerButAFreezeThatIsOn_IsAFailureAndStays()
    {
        using PlannedTarget target = new();
        _journals.Add(owner: null, JournalEntry.OfSignal(target.Target));

        Assert.Equal(RecoveryStatus.Failed, Assert.Single(_journals.Recover()).Status);
        Assert.Equal(1, _journals.Count);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.None)]
    public void Create_InARootThatIsLocked_IsRefusedInTime()
    {
        using PlannedTarget target = new();
        Assert.Equal(Errno.None, JournalRoots.Open(_journals.Root, out SafeDescriptor root));
        using (root)
        {
            Assert.Equal(Errno.None, Kernel.Lock(root, Uapi.LOCK_EX | Uapi.LOCK_NB));
            Assert.Null(new FreezeRecords([_journals.Root]).Create(JournalEntry.OfSignal(target.Target), allowsUnguarded: false, out string why));
            Assert.Equal($"{_journals.Root} is locked", why);
        }

        target.Process.AssertRuns();
    }

    private static ulong Inode(PlannedTarget target)
    {
        Assert.Equal(Errno.None, Kernel.FilePlace(System.Text.Encoding.UTF8.GetBytes($"{target.Cgroup.Path}\0"), out _, out ulong inode));
        return inode;
    }
}
