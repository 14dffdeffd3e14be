using System.Collections.Concurrent;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compiles the code that runs while a target is frozen, before the first freeze of the process.</summary>
/// <remarks>
/// Measured: the first transaction of a cold process froze its target ten times longer than the third. Code that is compiled only by running
/// it (native stubs, virtual methods, generic code of the runtime) is run by <see cref="IFreezer.WarmUp"/> and the precheck.
/// The types are those with <see cref="RunsFrozenAttribute"/>: finding them at run time would keep a program from being trimmed.
/// </remarks>
internal static class WindowWarmup
{
    private static readonly ConcurrentDictionary<Type, bool> WarmedUp = new();
    private static readonly Lazy<bool> Prepared = new(PrepareAll);

    public static void Run() => _ = Prepared.Value;

    /// <summary>Runs the code of a recheck that the precheck has not run. Once for each kind: by the text it costs as much as a recheck.</summary>
    public static void WarmUp(IRecheck recheck)
    {
        if (WarmedUp.TryAdd(recheck.GetType(), true))
        {
            recheck.LookAgain();
        }
    }

    /// <summary>Warms up a freezer, and once for each kind also runs its survey, which checks every thread.</summary>
    public static void WarmUp(IFreezer freezer)
    {
        freezer.WarmUp();
        if (WarmedUp.TryAdd(freezer.GetType(), true))
        {
            freezer.Survey();
        }
    }

    private static bool PrepareAll()
    {
        CompiledAhead.Prepare(typeof(Backoff));
        CompiledAhead.Prepare(typeof(BatchCutter));
        CompiledAhead.Prepare(typeof(CallLimit));
        CompiledAhead.Prepare(typeof(CgroupFreezer));
        CompiledAhead.Prepare(typeof(CgroupMembership));
        CompiledAhead.Prepare(typeof(DirectoryNumbers));
        CompiledAhead.Prepare(typeof(FileLock));
        CompiledAhead.Prepare(typeof(FreezeGuard));
        CompiledAhead.Prepare(typeof(FreezeJournal));
        CompiledAhead.Prepare(typeof(FreezerSet));
        CompiledAhead.Prepare(typeof(FreshMaps));
        CompiledAhead.Prepare(typeof(FrozenWindows));
        CompiledAhead.Prepare(typeof(HintLedger));
        CompiledAhead.Prepare(typeof(HintThread));
        CompiledAhead.Prepare(typeof(JournalRecord));
        CompiledAhead.Prepare(typeof(Kernel));
        CompiledAhead.Prepare(typeof(LayoutRecheck));
        CompiledAhead.Prepare(typeof(LineLimit));
        CompiledAhead.Prepare(typeof(MapsHasher));
        CompiledAhead.Prepare(typeof(JournaledFreezer));
        CompiledAhead.Prepare(typeof(PauseBudget));
        CompiledAhead.Prepare(typeof(PauseCheck));
        CompiledAhead.Prepare(typeof(PlanRemainder));
        CompiledAhead.Prepare(typeof(ProcStatus));
        CompiledAhead.Prepare(typeof(PtraceFreezer));
        CompiledAhead.Prepare(typeof(RangesQueryRecheck));
        CompiledAhead.Prepare(typeof(RangesTextRecheck));
        CompiledAhead.Prepare(typeof(RecheckResult));
        CompiledAhead.Prepare(typeof(RecordWatch));
        CompiledAhead.Prepare(typeof(SequenceReading));
        CompiledAhead.Prepare(typeof(SequenceRecheck));
        CompiledAhead.Prepare(typeof(SharerSearch));
        CompiledAhead.Prepare(typeof(SharerWatch));
        CompiledAhead.Prepare(typeof(SignalFreezer));
        CompiledAhead.Prepare(typeof(StopPass));
        CompiledAhead.Prepare(typeof(StopResend));
        CompiledAhead.Prepare(typeof(TargetLock));
        CompiledAhead.Prepare(typeof(ThreadList));
        CompiledAhead.Prepare(typeof(ThreadLook));
        CompiledAhead.Prepare(typeof(ThreadSurvey));
        CompiledAhead.Prepare(typeof(TraceeRelease));
        CompiledAhead.Prepare(typeof(TraceeTable));
        CompiledAhead.Prepare(typeof(TracerFile));
        CompiledAhead.Prepare(typeof(TransactionState));
        CompiledAhead.Prepare(typeof(TransactionStop));
        CompiledAhead.Prepare(typeof(VmaBatch));
        CompiledAhead.Prepare(typeof(VmaSequenceReader));
        CompiledAhead.Prepare(typeof(VmaSequenceRecheck));
        CompiledAhead.Prepare(typeof(WatchPage));
        CompiledAhead.Prepare(typeof(WatchSlot));
        CompiledAhead.Prepare(typeof(WindowClock));
        CompiledAhead.Prepare(typeof(WindowLoop));
        CompiledAhead.Prepare(typeof(WindowPriority));
        CompiledAhead.Prepare(typeof(WriteWatch));
        return true;
    }
}
