using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A caller without a descriptor left, or under a seccomp filter, got the report that its live target had exited, was shared, had been thawed by another, or that its hints had
/// been applied though a thread was never held. Each system call that looks at a target is made to fail here, from each phase on: what comes back is that it could not
/// look, or the truth.
/// </summary>
public sealed class AnErrorOfOursWasTakenForAFact
{
    private const Needs All = Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>The system calls by which a target is looked at, x64 and arm64.</summary>
    private static readonly Dictionary<string, int[]> Calls = new()
    {
        ["openat"] = [IsArm ? 56 : 257],
        ["read"] = [IsArm ? 63 : 0],
        ["pread64"] = [IsArm ? 67 : 17],
        ["lseek"] = [IsArm ? 62 : 8],
        ["getdents64"] = [SyscallNumber.getdents64],
        ["fstat"] = [SyscallNumber.newfstatat, IsArm ? 80 : 5],
        ["poll"] = IsArm ? [73] : [7, 271],
        ["ioctl"] = [IsArm ? 29 : 16],
        ["kcmp"] = [SyscallNumber.kcmp],
        ["bpf"] = [SyscallNumber.bpf],
    };

    private static readonly HintReason[] Facts =
    [
        HintReason.TargetExited, HintReason.PidReused, HintReason.ThreadGroupLeaderExited, HintReason.ThawedByAnother, HintReason.AddressSpaceShared, HintReason.AddressSpaceReplaced,
        HintReason.LayoutChanged, HintReason.LayoutMovedMeanwhile, HintReason.TracedByAnother, HintReason.HeldByAnotherEngine, HintReason.AncestorOfCaller,
    ];

    public static TheoryData<string, FreezerKind, bool> Cases()
    {
        TheoryData<string, FreezerKind, bool> cases = [];
        foreach (string call in Calls.Keys)
        {
            foreach (FreezerKind freezer in (FreezerKind[])[FreezerKind.Cgroup, FreezerKind.Signal])
            {
                cases.Add(call, freezer, true);
                cases.Add(call, freezer, false);
            }
        }

        return cases;
    }

    [KernelTheory(All)]
    [MemberData(nameof(Cases))]
    public void Apply_SystemCallFailsFromAPhaseOn_SaysSoOrTheTruth(string call, FreezerKind freezer, bool withSequence)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintOptions options = new() { Freezer = freezer, AllowUnguardedFreeze = true };
        Assert.Equal(HintStatus.Applied, target.Apply(options).Status); // everything is loaded and compiled
        foreach (Errno errno in (Errno[])[Errno.EMFILE, Errno.EPERM, Errno.ENOMEM])
        {
            foreach (TransactionPhase phase in Enum.GetValues<TransactionPhase>())
            {
                target.Process.Read(target.Address, PlannedTarget.Pages);
                HintPlan plan = withSequence ? target.Plan() : target.PlanWithoutSequence();
                HintOutcome outcome = default;
                OwnThread.Run(() => outcome = target.Apply(plan, options, PhaseActions.At(phase, () => SeccompFilter.Deny(Calls[call], errno))));

                Assert.False(Facts.Contains(outcome.Reason), $"{errno} from {phase} on: {outcome}: {outcome.Message}");
                bool isNamed = outcome.Reason != HintReason.CouldNotLook || outcome.Message.Contains($"{errno}", StringComparison.Ordinal);
                Assert.True(isNamed, $"{errno} from {phase} on: {outcome.Message}");
                target.Process.AssertRuns();
            }
        }
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData("openat")]
    [InlineData("read")]
    [InlineData("poll")]
    [InlineData("pidfd_open")]
    public void TryOpen_SystemCallFails_CouldNotLook(string call)
    {
        int[] calls = call == "pidfd_open" ? [SyscallNumber.pidfd_open] : Calls[call];
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using (ProcessTarget loaded = ProcessTarget.Open(process.Pid))
        {
            Assert.False(loaded.HasExited);
        }

        foreach (Errno errno in (Errno[])[Errno.EMFILE, Errno.EPERM, Errno.ENOMEM])
        {
            OwnThread.Run(() =>
            {
                SeccompFilter.Deny(calls, errno);
                TargetException failure = Assert.Throws<TargetException>(() => ProcessTarget.Open(process.Pid));
                Assert.Equal((TargetError.CouldNotLook, errno.Value), (failure.Error, failure.Errno));
            });
        }

        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void HasExited_PollFails_IsFalse()
    {
        using PlannedTarget target = new();
        bool hasExited = target.Target.HasExited;
        OwnThread.Run(() =>
        {
            SeccompFilter.Deny(Calls["poll"], Errno.EPERM);
            hasExited |= target.Target.HasExited;
        });

        Assert.False(hasExited);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability)]
    [InlineData("openat")]
    [InlineData("read")]
    public void Capture_SystemCallFails_CouldNotLook(string call)
    {
        using PlannedTarget target = new();
        target.Capture();
        target.Process.Map(1); // no capture is reused
        OwnThread.Run(() =>
        {
            SeccompFilter.Deny(Calls[call], Errno.EMFILE);
            TargetException failure = Assert.Throws<TargetException>(() => target.Capture());
            Assert.Equal((TargetError.CouldNotLook, Errno.EMFILE.Value), (failure.Error, failure.Errno));
        });

        target.Process.AssertRuns();
    }
}
