using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>WILLNEED of a file waited for its FUSE server, which the window held, or which did not answer: the target stayed frozen, and neither a cancellation nor Ctrl-C ended that.</summary>
public sealed class ACallThatNeverReturnedHeldItsTarget
{
    private const int Cancelled = 130;
    private const Needs Held = Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.Compiler | Needs.Fuse;

    [KernelTheory(Held | Needs.CgroupV2)]
    [InlineData(FreezerKind.Auto)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ServerDoesNotAnswer_IsGivenUpAndTheTargetRuns(FreezerKind freezer)
    {
        using HeldFileServer server = new();
        HintPlan plan = server.Plan();
        HintOptions options = new() { Freezer = freezer, FreezeTimeout = TimeSpan.FromSeconds(2), MeasureEffect = true };

        HintOutcome outcome = server.Target.Apply(plan, options);
        server.AssertRuns();
        HintOutcome again = server.Target.Apply(plan, options);

        Assert.Equal((HintStatus.Raced, HintReason.CallDidNotReturn, 1), (outcome.Status, outcome.Reason, outcome.Windows));
        Assert.Contains(outcome.Ranges, static range => range is { Status: RangeStatus.Unconfirmed, BytesAdvised: 0 });
        Assert.Null(outcome.Effect);
        Assert.Equal((HintStatus.Refused, HintReason.CallDidNotReturn), (again.Status, again.Reason));
        server.Answer();
        HintOptions unfrozen = new() { Consistency = HintConsistency.Unchecked };
        Eventually.Holds(() => server.Target.Apply(plan, unfrozen).Status == HintStatus.Applied, "the call has returned, and the server answers a call for all of it");
        Assert.Equal(HintStatus.Applied, server.Target.Apply(plan, options).Status);
        server.AssertRuns();
    }

    /// <summary>By ptrace only the caller itself can thaw, so that no guard makes up for a limit that it does not keep.</summary>
    [KernelFact(Held)]
    public void Apply_PauseLimitShorterThanTheFreezeTimeout_IsGivenUpWithinIt()
    {
        using HeldFileServer server = new();
        HintOptions options = new() { Freezer = FreezerKind.Ptrace, FreezeTimeout = Eventually.Patience, PauseLimit = TimeSpan.FromSeconds(3) };

        HintOutcome outcome = server.Target.Apply(server.Plan(), options);

        Assert.Equal((HintStatus.Raced, HintReason.CallDidNotReturn, 1), (outcome.Status, outcome.Reason, outcome.Windows));
        Assert.InRange(outcome.LongestPause, TimeSpan.Zero, Eventually.Patience / 2);
        server.AssertRuns();
    }

    [KernelTheory(Held)]
    [InlineData(HintConsistency.Unchecked)]
    [InlineData(HintConsistency.Frozen)]
    public async Task Apply_CancelledWhileACallIsPending_EndsAtOnce(HintConsistency consistency)
    {
        using HeldFileServer server = new();
        using CancellationTokenSource cancellation = new();
        HintPlan plan = server.Plan();
        HintOptions options = new() { Consistency = consistency, Freezer = FreezerKind.Ptrace, MaxPause = TimeSpan.FromHours(1), FreezeTimeout = Eventually.Patience };

        Task<HintOutcome> applying = Task.Factory.StartNew(() => server.Target.Apply(plan, options, cancellation.Token), TaskCreationOptions.LongRunning);
        await AwaitCall(Environment.ProcessId, server, consistency);
        await cancellation.CancelAsync();
        HintOutcome outcome = await applying.WaitAsync(Eventually.Patience);

        Assert.Equal((HintStatus.Raced, HintReason.Cancelled), (outcome.Status, outcome.Reason));
        Assert.Contains("it was abandoned", outcome.Message, StringComparison.Ordinal);
        server.AssertRuns();
    }

    [KernelFact(Held | Needs.Bpf)]
    public async Task Apply_OptimisticallyAndThenFrozen_IsNotTriedAgain()
    {
        using HeldFileServer server = new();
        using CancellationTokenSource cancellation = new();
        HintPlan plan = server.Plan();
        HintOptions options = new() { Consistency = HintConsistency.Optimistic, FreezeAfterRace = true };

        Task<HintOutcome> applying = Task.Factory.StartNew(() => server.Target.Apply(plan, options, cancellation.Token), TaskCreationOptions.LongRunning);
        server.AwaitRead();
        await cancellation.CancelAsync();
        HintOutcome outcome = await applying.WaitAsync(Eventually.Patience);

        Assert.Equal((HintStatus.Raced, HintReason.Cancelled, 0), (outcome.Status, outcome.Reason, outcome.Windows));
        server.AssertRuns();
    }

    [KernelFact(Held)]
    public async Task Dispose_ACallOfTheEngineIsPending_Returns()
    {
        using HeldFileServer server = new();
        HintEngine engine = new();
        Task<HintOutcome> applying = engine.ApplyAsync(new HintRequest(server.Target, server.Plan(), new HintOptions { Consistency = HintConsistency.Unchecked }));
        server.AwaitRead();

        await engine.DisposeAsync().AsTask().WaitAsync(Eventually.Patience);

        Assert.Equal((HintStatus.Raced, HintReason.Cancelled), ((await applying).Status, (await applying).Reason));
        server.AssertRuns();
    }

    [KernelTheory(Held)]
    [InlineData("unchecked")]
    [InlineData("frozen")]
    public async Task Command_InterruptedWhileACallIsPending_Ends(string consistency)
    {
        using HeldFileServer server = new();
        using CommandRun run = CommandRun.Start(
            "apply", $"{server.Pid}", "--advice", "willneed", "--filter", "path=*cm-heldfs*", "--consistency", consistency, "--freezer", "ptrace", "--max-pause", "3600s", "--freeze-timeout", "30s");

        await AwaitCall(run.Pid, server, consistency == "unchecked" ? HintConsistency.Unchecked : HintConsistency.Frozen);
        run.Interrupt();
        run.Wait();

        run.AssertEnded(Cancelled);
        server.AssertRuns();
    }

    /// <summary>The thread that calls got no processor before the wait for it was cancelled: that was an error of ours, and is a cancellation.</summary>
    [KernelFact(Held)]
    public unsafe void AdviseBatch_CancelledBeforeTheCallWasMade_IsCancelled()
    {
        using HeldFileServer server = new();
        HintPlan plan = server.Plan();
        iovec[] ranges = [.. plan.Ranges.Select(static range => new iovec { iov_base = (void*)range.Start, iov_len = (size_t)range.Length })];
        Assert.True(HintThread.TryRent(out HintThread? busy));
        Eventually.Holds(
            () => busy.Call(server.Target.Pidfd, ranges, ranges.Length, plan.Advice.Value, patience: 0, CancellationToken.None, out _, out _) == HintCallResult.Pending, "a call keeps the thread");
        TransactionState state = new(server.Target, plan, new HintOptions { Consistency = HintConsistency.Unchecked }, probe: null)
        {
            Caller = busy,
            Cancellation = new CancellationToken(canceled: true),
        };

        TransactionStop stop = state.AdviseBatch(ulong.MaxValue);

        Assert.Equal((HintReason.Cancelled, false), (stop.Reason, state.Ledger.IsPending));
        server.Answer();
        server.AssertRuns();
    }

    /// <summary>Waits until a thread of the host is in the call, or the server was asked. A server that is frozen takes no request.</summary>
    private static Task AwaitCall(int host, HeldFileServer server, HintConsistency consistency) => Task.Run(() =>
    {
        if (consistency == HintConsistency.Frozen)
        {
            Eventually.Holds(() => ThreadFiles.List(host).Any(tid => IsInCall(host, tid, server.Pid)), "the call is made");
        }
        else
        {
            server.AwaitRead();
        }
    });

    /// <remarks>proc_pid_syscall(5): number and arguments, of which the first is a pidfd, and the third how many ranges there are.</remarks>
    private static bool IsInCall(int host, int tid, int target) =>
        ThreadFiles.TryRead(host, tid, "syscall", out string call)
            && call.Split(' ') is [string number, string pidfd, _, not "0x0", ..] && number == $"{SyscallNumber.process_madvise}"
            && ThreadFiles.TryRead(host, tid, $"fdinfo/{Convert.ToInt32(pidfd, 16)}", out string about) && about.Contains($"\nPid:\t{target}\n", StringComparison.Ordinal);
}
