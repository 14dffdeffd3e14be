using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Stops a transaction whose windows would cost the target more than they carry: in the first window that shows it, or before any.</summary>
[RunsFrozen]
internal readonly struct PauseCheck
{
    /// <summary>How often the comparison is measured, while the target runs, before the pause is considered too short for it: on a busy machine a single one may take long.</summary>
    private const int PrecheckReadings = 3;

    private readonly TransactionState _state;
    private readonly int _threads;
    private readonly TimeSpan _expectedHold;

    public PauseCheck(TransactionState state, FreezerKind freezer)
    {
        _state = state;
        _threads = state.Target.Directory.ReadStat(out ProcStat stat).Ok ? stat.Threads : 1;
        _expectedHold = FreezeCosts.Shared.Of(freezer, _threads);
    }

    /// <summary>Measures the comparison again if the precheck took too long for the pause.</summary>
    public void Measure(IRecheck recheck)
    {
        for (int reading = 1; reading < PrecheckReadings && IsTooShort(spent: 0); reading++)
        {
            long begin = Stopwatch.GetTimestamp();
            recheck.Run(mayDrop: false);
            _state.Budget.Prechecked(Stopwatch.GetTimestamp() - begin);
        }
    }

    /// <summary>Whether a window costs more than it carries.</summary>
    /// <param name="spent">What the window has spent so far; 0 before the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Check(long spent)
    {
        if (!IsTooShort(spent))
        {
            return TransactionStop.None;
        }

        _state.PauseNeeded = _state.Budget.Needed(_threads, _expectedHold);
        return new TransactionStop(HintStatus.Refused, HintReason.PauseTooShort);
    }

    private bool IsTooShort(long spent) => _state.Budget.IsCostly(_threads) && _state.Budget.IsTooShort(_state.Ledger.BytesLeft, _threads, spent);
}
