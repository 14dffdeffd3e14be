using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>The guard's program on its own, fed with journals by hand.</summary>
public sealed class GuardScriptTests : IDisposable
{
    private static readonly string[] KnownShells = ["/bin/sh", "/bin/dash", "/bin/bash"];

    private readonly string _journal = Directory.CreateTempSubdirectory("consistent madvise '$x' ").FullName;
    private int _entries;

    public static TheoryData<string> Shells() => [.. KnownShells.Where(File.Exists)];

    public void Dispose()
    {
        if (Directory.Exists(_journal))
        {
            Directory.Delete(_journal, recursive: true);
        }
    }

    [KernelTheory(Needs.None)]
    [MemberData(nameof(Shells))]
    public void Run_StoppedTarget_ContinuesItAndRemovesTheJournal(string shell)
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        Write(JournalEntry.OfSignal(target.Target), isHeld: true);

        Run(shell);

        target.Process.Accept("stop");
        target.Process.AssertRuns();
        Assert.False(Directory.Exists(_journal));
    }

    [KernelTheory(Needs.None)]
    [MemberData(nameof(Shells))]
    public void Run_NotHeldOrAnotherProcess_TouchesNothing(string shell)
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        Write(entry, isHeld: false);
        Write(entry with { Head = entry.Head with { StartTime = entry.Head.StartTime + 2 } }, isHeld: true);
        Write(entry with { Head = entry.Head with { Pid = int.MaxValue } }, isHeld: true);

        Run(shell);

        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
        Assert.False(Directory.Exists(_journal));
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.None)]
    [MemberData(nameof(Shells))]
    public void Run_HostileName_FindsTheStartTimeAfterIt(string shell)
    {
        DirectoryInfo place = Directory.CreateTempSubdirectory();
        string program = File.CreateSymbolicLink($"{place.FullName}/) T 1\n*$(x)\u0101 ", "/bin/sleep").FullName;
        using Process sleep = Process.Start(program, ["600"]);
        using ProcessTarget target = ProcessTarget.Open(sleep.Id);
        Eventually.Holds(() => File.ReadAllText($"/proc/{sleep.Id}/comm").StartsWith(") T 1\n", StringComparison.Ordinal), "it has its name");
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(target.Pidfd, Uapi.SIGSTOP));
        Eventually.Holds(() => ThreadStatus.ReadAll(sleep.Id).All(static thread => thread.IsStopped), "it is stopped");
        Write(JournalEntry.OfSignal(target), isHeld: true);

        Run(shell);

        Assert.All(ThreadStatus.ReadAll(sleep.Id), static thread => Assert.False(thread.IsStopped));
        Assert.False(Directory.Exists(_journal));
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(target.Pidfd, Uapi.SIGKILL));
        Assert.True(sleep.WaitForExit(Eventually.Patience));
        place.Delete(recursive: true);
    }

    [KernelTheory(Needs.CgroupV2)]
    [MemberData(nameof(Shells))]
    public void Run_FrozenGroupWithAHostileName_ThawsIt(string shell)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup(" a  b\t*?\\n$(x)'\"\u0101\u0108 ");
        target.Cgroup.Freeze(true);
        Write(JournalEntry.OfCgroup(target.Target, new BytePath(target.Cgroup.Path), Inode(target.Cgroup.Path)), isHeld: true);

        Run(shell);

        target.Process.AssertRuns();
        Assert.False(target.Cgroup.IsFrozen);
        Assert.False(Directory.Exists(_journal));
    }

    [KernelTheory(Needs.CgroupV2)]
    [MemberData(nameof(Shells))]
    public void Run_GroupWithoutTheTarget_IsKnownByItsInode(string shell)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using PlannedTarget other = new PlannedTarget().InCgroup();
        using PlannedTarget elsewhere = new();
        target.Cgroup.Freeze(true);
        other.Cgroup.Freeze(true);
        Write(JournalEntry.OfCgroup(elsewhere.Target, new BytePath(target.Cgroup.Path), Inode(target.Cgroup.Path)), isHeld: true);
        Write(JournalEntry.OfCgroup(elsewhere.Target, new BytePath(other.Cgroup.Path), Inode(target.Cgroup.Path)), isHeld: true); // as if created again

        Run(shell);

        target.Process.AssertRuns();
        Assert.False(target.Cgroup.IsFrozen);
        Assert.True(other.Cgroup.IsFrozen);
        other.Cgroup.Freeze(false);
        other.Process.AssertRuns();
    }

    [KernelFact(Needs.None)]
    public void Run_EveryOrdinarySignal_IsIgnored()
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        Write(JournalEntry.OfSignal(target.Target), isHeld: true);

        using (FreezeGuard guard = FreezeGuard.Start(_journal, out string why) ?? throw new InvalidOperationException(why))
        {
            Assert.Equal(Errno.None, Kernel.PidfdOpen(guard.Identity.Pid, out SafeDescriptor descriptor));
            using SafeDescriptor pidfd = descriptor;
            foreach (int signal in new[] { 1, 2, 3, 10, 12, 13, 14, 15, Uapi.SIGTSTP, Uapi.SIGTTIN, Uapi.SIGTTOU })
            {
                Assert.Equal(Errno.None, Kernel.PidfdSendSignal(pidfd, signal));
            }

            Assert.Equal((Errno.None, false), (guard.HasExited(out bool hasExited), hasExited));
            Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
            Assert.NotEqual(Session(Environment.ProcessId), Session(guard.Identity.Pid));
        }

        target.Process.Accept("stop");
        Eventually.Holds(() => !Directory.Exists(_journal), "the guard has removed the journal");
        target.Process.AssertRuns();
    }

    private static ulong Inode(string directory)
    {
        Assert.Equal(Errno.None, Kernel.OpenDirectory(System.Text.Encoding.UTF8.GetBytes($"{directory}\0"), out SafeDescriptor group));
        using SafeDescriptor opened = group;
        Assert.Equal(Errno.None, Kernel.FileStatus(group, out ulong inode, out _));
        return inode;
    }

    /// <summary>Field 6 of stat.</summary>
    private static string Session(int pid) => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')[3];

    private void Write(JournalEntry entry, bool isHeld) =>
        File.WriteAllBytes($"{_journal}/{JournalEntry.FilePrefix}{++_entries}", (entry with { Head = entry.Head with { IsHeld = isHeld } }).ToBytes());

    private void Run(string shell)
    {
        ProcessStartInfo info = new(shell, ["-c", GuardScript.Text, "guard", _journal, "0"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        info.Environment["LC_ALL"] = "C";
        using Process guard = Process.Start(info)!;
        Assert.Equal($"ready {guard.Id}", guard.StandardOutput.ReadLine());
        guard.StandardInput.Close();
        Assert.True(guard.WaitForExit(Eventually.Patience), "the guard has exited");
    }
}
