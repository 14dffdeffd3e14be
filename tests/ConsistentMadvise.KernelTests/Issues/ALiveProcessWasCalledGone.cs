using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A process that lives was "no such process", exit code 4, for a caller that could not look at it: another user under hidepid, a machine without procfs.</summary>
public sealed class ALiveProcessWasCalledGone
{
    private static readonly string[] Mounts = ["unshare", "--mount"];

    [KernelTheory(Needs.Root)]
    [InlineData("snapshot")]
    [InlineData("plan")]
    [InlineData("apply")]
    public void AnyCommand_ProcHidesTheProcess_Is5(string command)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.In(
            Mounts, "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\"", Arguments(command, process));

        run.AssertFailed(5, "could not be examined");
        process.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void TryOpen_NoProcfs_CouldNotLook()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using (ProcessTarget loaded = ProcessTarget.Open(process.Pid))
        {
            Assert.Equal(process.Pid, loaded.Pid);
        }

        TargetException? failure = null;
        OwnMounts.RunOnThread(() =>
        {
            OwnMounts.Mount("none", "/proc", "tmpfs");
            failure = Assert.Throws<TargetException>(() => ProcessTarget.Open(process.Pid));
        });

        Assert.Equal((TargetError.CouldNotLook, Errno.ENOENT.Value), (failure!.Error, failure.Errno));
        Assert.Contains("/proc is not mounted", failure.Message, StringComparison.Ordinal);
        process.AssertRuns();
    }

    private static string[] Arguments(string command, RaceTargetProcess process) =>
        command == "snapshot" ? [command, $"{process.Pid}"] : [command, $"{process.Pid}", "--advice", "cold", "--filter", "heap"];
}
