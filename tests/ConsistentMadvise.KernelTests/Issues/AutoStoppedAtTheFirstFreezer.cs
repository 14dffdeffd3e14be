using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Auto gave up where one freezer was denied (ptrace by seccomp) or locked (anyone may lock a group's directory), though another would have done.</summary>
public sealed class AutoStoppedAtTheFirstFreezer
{
    [KernelFact(Needs.NiceCapability | Needs.CgroupV2 | Needs.Seccomp)]
    public void Apply_PtraceIsDenied_GoesOnToTheCgroup()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintOutcome outcome = default;

        SeccompFilter.RunDenying([SyscallNumber.ptrace], Errno.EPERM, () => outcome = target.Apply(HintOptions.Default));

        Assert.Equal((HintStatus.Applied, FreezerKind.Cgroup), (outcome.Status, outcome.Freezer));
        Assert.Equal("cgroup: ptrace(2) is not permitted at all: EPERM", outcome.FreezerReason);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2 | Needs.Seccomp)]
    public void Apply_PtraceIsDeniedAndTheGroupNotItsOwn_GoesOnToSignals()
    {
        using PlannedTarget target = new();
        HintOutcome outcome = default;

        SeccompFilter.RunDenying([SyscallNumber.ptrace], Errno.EPERM, () => outcome = target.Apply(HintOptions.Default));

        Assert.Equal((HintStatus.Applied, FreezerKind.Signal), (outcome.Status, outcome.Freezer));
        Assert.StartsWith("signal: ptrace was not tried (ptrace(2) is not permitted at all: EPERM); cgroup was refused (CgroupNotUsable", outcome.FreezerReason, StringComparison.Ordinal);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Root | Needs.CgroupV2)]
    public void Apply_ADirectoryThatAnyoneLocked_IsFrozenAllTheSame()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using Locked locked = new(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], target.Cgroup.Path);

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Cgroup });

        Assert.Equal(HintStatus.Applied, outcome.Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_AGroupThatIsLocked_GoesOnToPtrace()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.StartThreads(64);
        LearnedCosts.MakePtraceDear(64);
        Assert.Equal(Errno.None, Kernel.Open(System.Text.Encoding.UTF8.GetBytes($"{target.Cgroup.Path}/cgroup.kill\0"), Uapi.O_WRONLY, out SafeDescriptor engine));
        using (engine)
        {
            Assert.Equal(Errno.None, Kernel.Lock(engine, Uapi.LOCK_EX | Uapi.LOCK_NB));

            HintOutcome outcome = target.Apply(HintOptions.Default);

            Assert.Equal((HintStatus.Applied, FreezerKind.Ptrace), (outcome.Status, outcome.Freezer));
            Assert.Equal("ptrace: cgroup was refused (HeldByAnotherEngine)", outcome.FreezerReason);
        }

        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Seccomp)]
    public void Apply_TheHintIsDeniedByAFilter_IsNotBlamedOnACapability()
    {
        using PlannedTarget target = new();
        HintOutcome outcome = default;

        SeccompFilter.RunDenying([SyscallNumber.process_madvise], Errno.EPERM, () => outcome = target.Apply(HintOptions.Default));

        Assert.Equal((HintStatus.Refused, HintReason.NotPermitted), (outcome.Status, outcome.Reason));
        Assert.StartsWith("A seccomp filter refuses process_madvise(2); the caller has CAP_SYS_NICE.", outcome.Message, StringComparison.Ordinal);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Root)]
    public void Apply_ACallerWithTwoUsers_HasAGuardThatMayThaw()
    {
        using PlannedTarget target = new();

        // A shell as the guard would take up the real user; the command keeps both.
        using CommandRun run = CommandRun.Under(["setpriv", "--ruid=65534"], "apply", $"{target.Process.Pid}", "--advice", "cold", "--range", $"{target.Range}", "--freezer", "signal", "--freeze-timeout", "30s");

        run.AssertEnded(0);
        target.Process.AssertRuns();
    }

    /// <summary>A process of another user that holds the lock of a directory.</summary>
    private sealed class Locked : IDisposable
    {
        private readonly Process _process;

        public Locked(string[] asUser, string directory)
        {
            _process = Process.Start(new ProcessStartInfo(asUser[0], [.. asUser[1..], "flock", "-x", directory, "sh", "-c", "echo locked; exec cat"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            Assert.Equal("locked", _process.StandardOutput.ReadLine());
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            Assert.True(_process.WaitForExit(Eventually.Patience));
            _process.Dispose();
        }
    }
}
