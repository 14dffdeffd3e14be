using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A recovery with more rights than its user (file capabilities) took a link in the user's journal for a journal, any directory for a cgroup, and wrote 0 into any
/// file named <c>cgroup.freeze</c>, or that a link of that name meant.
/// </summary>
public sealed class RecoveryFollowedAForgedJournal : IDisposable
{
    private const string Precious = "precious";

    private readonly HandMadeJournals _journals = new();
    private readonly string _place = Directory.CreateTempSubdirectory("consistent-madvise-").FullName;

    public void Dispose()
    {
        _journals.Dispose();
        Directory.Delete(_place, recursive: true);
    }

    [KernelTheory(Needs.None)]
    [InlineData(false)]
    [InlineData(true)]
    public void Recover_ADirectoryThatIsNoCgroup_IsNotWritten(bool asLink)
    {
        using PlannedTarget target = new();
        string file = asLink ? $"{_place}/elsewhere" : $"{_place}/cgroup.freeze";
        File.WriteAllText(file, Precious);
        if (asLink)
        {
            File.CreateSymbolicLink($"{_place}/cgroup.freeze", file);
        }

        Assert.Equal(Errno.None, Kernel.FilePlace(Encoding.UTF8.GetBytes($"{_place}\0"), out _, out ulong inode));
        _journals.Add(JournalOwner.Current, JournalEntry.OfCgroup(target.Target, new BytePath(_place), inode));

        _journals.Recover();

        Assert.Equal(Precious, File.ReadAllText(file));
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.None)]
    [InlineData("owner", "ln -s")]
    [InlineData("freeze-1", "ln -s")]
    [InlineData("owner", "ln")]
    [InlineData("freeze-1", "ln")]
    [InlineData("freeze-1", "mkfifo")]
    public void Recover_AFileThatIsALinkOrNoFile_IsNotBelieved(string name, string how)
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        string journal = _journals.Add(JournalOwner.Current, JournalEntry.OfSignal(target.Target));
        string real = $"{_place}/real";
        File.Copy($"{journal}/{name}", real);
        File.Delete($"{journal}/{name}");
        string[] words = how.Split(' ');
        using System.Diagnostics.Process make = System.Diagnostics.Process.Start(words[0], how == "mkfifo" ? [$"{journal}/{name}"] : [.. words[1..], real, $"{journal}/{name}"]);
        Assert.True(make.WaitForExit(Eventually.Patience));
        Assert.Equal(0, make.ExitCode);

        Assert.All(_journals.Recover(), static freeze => Assert.Equal(RecoveryStatus.Failed, freeze.Status));

        Assert.Equal(1, _journals.Count);
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void Recover_AFileOfAnotherUser_IsNotBelieved()
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        string journal = _journals.Add(JournalOwner.Current, JournalEntry.OfSignal(target.Target));
        using System.Diagnostics.Process chown = System.Diagnostics.Process.Start("chown", ["65534", $"{journal}/freeze-1"]);
        Assert.True(chown.WaitForExit(Eventually.Patience));

        Assert.Equal(RecoveryStatus.Failed, Assert.Single(_journals.Recover()).Status);
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Root | Needs.CgroupV2 | Needs.X64)]
    public void Recover_RightsThatTheUserLacks_AreNotLentToItsJournal()
    {
        using PlannedTarget stopped = new();
        using PlannedTarget frozen = new PlannedTarget().InCgroup();
        stopped.Process.StopItself();
        frozen.Cgroup.Freeze(true);
        Assert.Equal(Errno.None, Kernel.FilePlace(Encoding.UTF8.GetBytes($"{frozen.Cgroup.Path}\0"), out _, out ulong inode));
        _journals.Add(JournalOwner.Current, JournalEntry.OfSignal(stopped.Target), JournalEntry.OfCgroup(frozen.Target, new BytePath(frozen.Cgroup.Path), inode));
        using System.Diagnostics.Process chown = System.Diagnostics.Process.Start("chown", ["-R", $"{CapableUser.User}", _journals.Root]);
        Assert.True(chown.WaitForExit(Eventually.Patience));
        IReadOnlyList<RecoveredFreeze> recovered = [];

        CapableUser.Run(() => recovered = _journals.Recover());

        Assert.All(recovered, static freeze => Assert.Equal(RecoveryStatus.Failed, freeze.Status));
        Assert.Equal(2, recovered.Count);
        Assert.True(frozen.Cgroup.IsFrozen);
        Assert.All(ThreadStatus.ReadAll(stopped.Process.Pid), static thread => Assert.True(thread.IsStopped));
        frozen.Cgroup.Freeze(false);
        stopped.Process.Continue();
        stopped.Process.AssertRuns();
        frozen.Process.AssertRuns();
    }
}
