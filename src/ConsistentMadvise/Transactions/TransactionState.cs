using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>What the steps of one transaction share: its plan, what was done of it, what it cost, and why it stops.</summary>
internal sealed class TransactionState
{
    public TransactionState(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe)
    {
        Target = target;
        Plan = plan;
        Options = options;
        Probe = probe;
        Remainder = new PlanRemainder(plan);
        Ledger = new HintLedger(plan, Remainder);
        Budget = new PauseBudget(options.MaxPause, plan.Advice);
        Clock = new WindowClock(options.MaxPause);
    }

    public ProcessTarget Target { get; }

    public HintPlan Plan { get; }

    public HintOptions Options { get; }

    public ITransactionProbe? Probe { get; }

    public PlanRemainder Remainder { get; }

    public HintLedger Ledger { get; }

    public PauseBudget Budget { get; }

    public WindowClock Clock { get; }

    /// <summary>What held the target; <see cref="FreezerKind.Auto"/> while nothing did.</summary>
    public FreezerKind Freezer { get; set; }

    /// <summary>Why that one; empty while nothing did.</summary>
    public string FreezerReason { get; set; } = string.Empty;

    public TransactionStop Stop { get; set; }

    /// <summary>Whether something of the plan is left, and nothing speaks against going on.</summary>
    public bool GoesOn => !Ledger.IsDone && Stop.IsNone;

    /// <summary>Stops the transaction if its caller asked for that.</summary>
    public bool IsCancelled(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            Stop = new TransactionStop(HintStatus.Refused, HintReason.Cancelled);
        }

        return cancellationToken.IsCancellationRequested;
    }

    /// <summary>Makes one call of <c>process_madvise(2)</c> and books what it did.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AdviseBatch(ulong maxBytes)
    {
        Ledger.Cut(maxBytes);
        long begin = Stopwatch.GetTimestamp();
        Errno errno = Kernel.ProcessMadvise(Target.Pidfd, Ledger.Batch, Plan.Advice.Value, out long advised);
        long ticks = Stopwatch.GetTimestamp() - begin;
        Clock.Advised(ticks);
        if (!Ledger.Record(errno, advised))
        {
            Stop = TransactionStop.FromAdvise(errno);
            return;
        }

        if (advised > 0)
        {
            Budget.Advised((ulong)advised, ticks);
        }

        Probe?.At(TransactionPhase.Advised);
    }
}
