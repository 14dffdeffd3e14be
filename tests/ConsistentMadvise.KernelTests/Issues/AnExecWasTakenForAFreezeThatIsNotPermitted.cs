using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// PTRACE_SEIZE of the thread-group leader waited for another thread's exec, and found the leader exited: EPERM. That other thread had the leader's tid by then, ran, and was traced by no
/// process, so that the freeze was refused for good as not permitted. A fifth of the execs that met a freeze of 400 threads ended so.
/// </summary>
public sealed class AnExecWasTakenForAFreezeThatIsNotPermitted
{
    [KernelFact(Needs.Root | Needs.Ptrace | Needs.CgroupV2 | Needs.Userfaultfd | Needs.Compiler | Needs.X64)]
    public void Freeze_LeaderIsReplacedWhileItIsSeized_HoldsTheNewProgram()
    {
        const string Ptrace = "101 "; // the system call's number
        using HalfwayTarget process = new();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        (IFreezer? made, _, TransactionStop stop) = Freezers.Create(target, new FreezeRequest(FreezerKind.Ptrace));
        Assert.Equal(TransactionStop.None, stop);
        using IFreezer freezer = made!;
        int sleeper = ThreadFiles.List(process.Pid).Order().ElementAt(1);
        using ManualResetEventSlim isTraced = new();
        using ManualResetEventSlim mayReap = new();
        Task tracer = Start(() =>
        {
            Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_SEIZE, sleeper, 0));
            isTraced.Set();
            mayReap.Wait(Eventually.Patience);
            Eventually.Holds(() => Kernel.ReapExited(sleeper, out bool hasExited).Ok && hasExited, "the exec ended that thread");
        });
        Assert.True(isTraced.Wait(Eventually.Patience));
        process.Enter(HalfwayEvent.Exec);
        process.Act(HalfwayEvent.Exec);
        Eventually.Holds(() => ThreadStatus.ReadThoseLeft(process.Pid).Any(thread => thread.Tid == process.Pid && thread.State[0] == 'Z'), "the exec waits until all others were reaped");

        int freezing = 0;
        TransactionStop result = default;
        Task freeze = Start(() =>
        {
            freezer.WarmUp();
            Volatile.Write(ref freezing, Kernel.ThreadId());
            result = freezer.Freeze(long.MaxValue);
            freezer.Thaw();
        });
        Eventually.Holds(
            () => Volatile.Read(ref freezing) != 0 && ThreadFiles.TryRead(Environment.ProcessId, freezing, "syscall", out string call) && call.StartsWith(Ptrace, StringComparison.Ordinal),
            "PTRACE_SEIZE waits for the exec");
        mayReap.Set();

        Assert.True(Task.WaitAll([tracer, freeze], Eventually.Patience), "both have completed");
        Assert.Equal((HintStatus.Unspecified, HintReason.None), (result.Status, result.Reason));
        process.AssertEnd(HalfwayEvent.Exec);
    }

    private static Task Start(Action action) => Task.Factory.StartNew(action, TaskCreationOptions.LongRunning);
}
