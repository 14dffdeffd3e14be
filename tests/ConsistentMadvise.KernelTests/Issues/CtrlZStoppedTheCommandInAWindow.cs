using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Ctrl-Z stopped the command in the middle of a window, and with it the target, until the command was continued.</summary>
public sealed class CtrlZStoppedTheCommandInAWindow
{
    private const int SIGTERM = 15;
    private const int Cancelled = 130;
    private const Needs Window = Needs.Root | Needs.Ptrace | Needs.NiceCapability;

    [KernelTheory(Window | Needs.Compiler | Needs.Fuse)]
    [InlineData(Uapi.SIGTSTP)]
    [InlineData(Uapi.SIGTTIN)]
    [InlineData(Uapi.SIGTTOU)]
    public void Command_StoppedInAWindow_StopsAfterTheThaw(int signal)
    {
        using HeldFileServer server = new();
        using CommandRun run = CommandRun.StartFromShell(
            $"exec {CProgram.Build("owngroup")} \"$@\"",
            "apply", $"{server.Pid}", "--advice", "willneed", "--filter", "path=*cm-heldfs*", "--freezer", "ptrace", "--max-pause", "3600s", "--freeze-timeout", "30s");
        Assert.Equal(Errno.None, Kernel.PidfdOpen(run.Pid, out SafeDescriptor descriptor));
        using SafeDescriptor pidfd = descriptor;
        server.AwaitTraced();

        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(pidfd, signal));
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(pidfd, SIGTERM));

        // The window ends by the second signal. Then the command stops, but for the thread whose call is pending, or exits before it could.
        Eventually.Holds(() => ThreadStatus.ReadAll(server.Pid).All(static thread => !thread.IsStopped), "the target runs");
        Eventually.Holds(() => ThreadStatus.ReadThoseLeft(run.Pid).All(thread => thread.Tid != run.Pid || thread.IsStopped || thread.State[0] == 'Z'), "the command has stopped");
        _ = Kernel.PidfdSendSignal(pidfd, Uapi.SIGCONT); // ESRCH: it has exited, and was reaped
        run.Wait();
        run.AssertEnded(Cancelled);
        server.AssertRuns();
    }

    [KernelFact(Window)]
    public async Task RunOutside_AWindowIsOpen_RunsBeforeTheNext()
    {
        using PlannedTarget target = new();
        bool isThawed = false;
        (bool IsThawed, bool IsStopped) seen = default;
        Task? outside = null;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, () =>
        {
            outside = Task.Factory.StartNew(() => FrozenWindows.RunOutside(Look), TaskCreationOptions.LongRunning);
            Eventually.Holds(() => FrozenWindows.IsAwaited, "the action waits for the window");
        }).Then(TransactionPhase.Thawed, () => isThawed = true);

        HintOutcome outcome = target.Apply(
            new HintOptions { MaxWindowBytes = (ulong)(8 * Environment.SystemPageSize), MaxPause = Timeout.InfiniteTimeSpan, Freezer = FreezerKind.Ptrace }, probe);
        await outside!;

        Assert.Equal((HintStatus.Applied, 2), (outcome.Status, outcome.Windows));
        Assert.Equal((true, false), seen);
        target.Process.AssertRuns();

        void Look() => seen = (isThawed, ThreadStatus.ReadAll(target.Process.Pid).Any(static thread => thread.IsStopped));
    }
}
