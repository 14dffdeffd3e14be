using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>Compiles, before the first freeze of the process, the code that runs while a target is frozen.</summary>
/// <remarks>
/// Measured: the first transaction of a cold process froze its target ten times longer than the third. What is only compiled by being
/// run (native stubs, virtual methods, generic code of the runtime) is run by <see cref="IFreezer.Rehearse"/> and the precheck.
/// </remarks>
internal static class WindowWarmup
{
    private const DynamicallyAccessedMemberTypes Methods = DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    private static readonly ConcurrentDictionary<Type, bool> Rehearsed = new();
    private static readonly Lazy<bool> Prepared = new(PrepareAll);

    public static void Run() => _ = Prepared.Value;

    /// <summary>Runs what a recheck has not run yet in the precheck. Once for each kind: by the text it costs as much as a recheck.</summary>
    public static void Rehearse(IRecheck recheck)
    {
        if (Rehearsed.TryAdd(recheck.GetType(), true))
        {
            recheck.HasMoved();
        }
    }

    private static bool PrepareAll()
    {
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            Prepare(typeof(FrozenCourse));
            Prepare(typeof(TransactionState));
            Prepare(typeof(PlanRemainder));
            Prepare(typeof(LayoutRecheck));
            Prepare(typeof(RangesTextRecheck));
            Prepare(typeof(RangesQueryRecheck));
            Prepare(typeof(SequenceRecheck));
            Prepare(typeof(SequenceReading));
            Prepare(typeof(WindowClock));
            Prepare(typeof(WindowPriority));
            Prepare(typeof(PauseBudget));
            Prepare(typeof(HintLedger));
            Prepare(typeof(TransactionStop));
            Prepare(typeof(BatchCutter));
            Prepare(typeof(FreezeResult));
            Prepare(typeof(Backoff));
            Prepare(typeof(TraceeTable));
            Prepare(typeof(TraceeRelease));
            Prepare(typeof(TracerFile));
            Prepare(typeof(ThreadList));
            Prepare(typeof(DirectoryNumbers));
            Prepare(typeof(OutlivingFreezer));
            Prepare(typeof(PtraceFreezer));
            Prepare(typeof(SignalFreezer));
            Prepare(typeof(CgroupFreezer));
            Prepare(typeof(FreezerSet));
            Prepare(typeof(SharerWatch));
            Prepare(typeof(SharerSearch));
            Prepare(typeof(DirectoryNumbers));
            Prepare(typeof(TargetLease));
            Prepare(typeof(FileLock));
            Prepare(typeof(JournalRecord));
            Prepare(typeof(FreezeJournal));
            Prepare(typeof(FreezeGuard));
        }

        return true;
    }

    private static void Prepare([DynamicallyAccessedMembers(Methods)] Type type)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (MethodInfo method in type.GetMethods(Declared))
        {
            if (!method.IsAbstract)
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }
}
