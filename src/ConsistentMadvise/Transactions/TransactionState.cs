using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The state that the steps of one transaction share: its plan, what was done, and what it cost.</summary>
[RunsFrozen]
internal sealed class TransactionState
{
    public TransactionState(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe)
    {
        Target = target;
        Plan = plan;
        Options = options;
        Probe = probe;
        Remainder = new PlanRemainder(plan);
        Ledger = new HintLedger(plan, Remainder, Scratch);
        Budget = new PauseBudget(options.MaxPause, plan.Advice, options.MaxWindowBytes);
        Clock = new WindowClock(options.MaxPause);
        Limit = new CallLimit(options);
    }

    public ProcessTarget Target { get; }

    public HintPlan Plan { get; }

    public HintOptions Options { get; }

    public ITransactionProbe? Probe { get; }

    /// <summary>The buffers; returned when the transaction ends.</summary>
    public TransactionScratch Scratch { get; } = TransactionScratch.Rent();

    public PlanRemainder Remainder { get; }

    public HintLedger Ledger { get; }

    public CallLimit Limit { get; }

    /// <summary>The thread that makes calls that may wait for others; null if the calling thread makes them.</summary>
    public HintThread? Caller { get; set; }

    /// <summary>Stops the transaction for the caller.</summary>
    public CancellationToken Cancellation { get; set; }

    public PauseBudget Budget { get; }

    public WindowClock Clock { get; }

    /// <summary>What froze the target; null if nothing did.</summary>
    public FreezerKind? Freezer { get; set; }

    /// <summary>Why that freezer was used; empty if none was.</summary>
    public string FreezerReason { get; set; } = string.Empty;

    /// <summary>The <see cref="HintOptions.MaxPause"/> that the plan needs; zero unless the requested one is too short.</summary>
    public TimeSpan PauseNeeded { get; set; }

    /// <summary>Whether the plan is known to be for this process: it was made here, or was compared with the text.</summary>
    public bool IsPlanKnown { get; set; }

    /// <summary>Measures the effect; null if that was not requested, or nothing was attempted.</summary>
    public EffectMeter? Meter { get; set; }

    /// <summary>Whether the tracing thread was given up: it cleans up by itself, and the transaction ends without it.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Makes one call of <c>process_madvise(2)</c> and records what it did. Returns why no other call can follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop AdviseBatch(ulong maxBytes)
    {
        Ledger.Cut(Caller is null ? maxBytes : Limit.Cap(maxBytes));
        long begin = Stopwatch.GetTimestamp();
        HintCallResult result = Advise(begin, out Errno errno, out long advised);
        long ticks = Stopwatch.GetTimestamp() - begin;
        Clock.Advised(ticks);
        if (result != HintCallResult.Returned)
        {
            return GiveUp(result);
        }

        if (!Ledger.Record(errno, advised))
        {
            return TransactionStop.FromAdvise(errno);
        }

        if (advised > 0)
        {
            Budget.Advised((ulong)advised, ticks);
        }

        Probe?.At(TransactionPhase.Advised);
        return TransactionStop.None;
    }

    /// <summary>Makes a call without ranges on the thread that will make the others.</summary>
    public void WarmUpCall() =>
        Caller?.Call(Target.Pidfd, Scratch.Vector, 0, Plan.Advice.Value, long.MaxValue, CancellationToken.None, out _, out _);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private HintCallResult Advise(long now, out Errno errno, out long advised)
    {
        if (Caller is not null)
        {
            return Caller.Call(
                Target.Pidfd, Scratch.Vector, Ledger.Batch.Length, Plan.Advice.Value, Limit.Left(Clock.Began, now), Cancellation, out errno, out advised);
        }

        errno = Kernel.ProcessMadvise(Target.Pidfd, Ledger.Batch, Plan.Advice.Value, out advised);
        return HintCallResult.Returned;
    }

    private TransactionStop GiveUp(HintCallResult result)
    {
        if (result == HintCallResult.NotMade)
        {
            TransactionStop cancelled = TransactionStop.IfCancelled(Cancellation);
            return cancelled.IsNone ? TransactionStop.CouldNotLook(Errno.EAGAIN) : cancelled; // the calling thread got no processor
        }

        Ledger.LeavePending();
        return Cancellation.IsCancellationRequested ? TransactionStop.CallDidNotReturn with { Reason = HintReason.Cancelled } : TransactionStop.CallDidNotReturn;
    }
}
