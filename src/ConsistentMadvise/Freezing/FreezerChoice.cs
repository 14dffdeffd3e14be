using System.Globalization;

namespace ConsistentMadvise;

/// <summary>Which freezers <see cref="FreezerKind.Auto"/> tries for a target, in which order, and why.</summary>
/// <param name="First">The one to try first.</param>
/// <param name="Second">The one to try when the target cannot be held by the first; <see cref="FreezerKind.Auto"/> when there is none.</param>
/// <param name="Reason">Why the first is tried first, in a sentence.</param>
internal readonly record struct FreezerChoice(FreezerKind First, FreezerKind Second, string Reason)
{
    /// <summary>Another freezer is preferred to ptrace when it is cheaper by this factor, and by <see cref="ClearlyCheaper"/>.</summary>
    private const double ClearFactor = 1.5;

    private static readonly TimeSpan ClearlyCheaper = TimeSpan.FromMicroseconds(100);

    /// <summary>Chooses by what is possible and by cost.</summary>
    /// <param name="costs">What each costs.</param>
    /// <param name="threads">How many threads the target has.</param>
    /// <param name="isChild">Whether it is a child of the caller, which is never traced.</param>
    /// <param name="mayTrace">Whether the caller has the right to trace it.</param>
    /// <remarks>
    /// Ptrace where it will do: the kernel itself undoes it. The signal freezer only where ptrace will not: the target's parent is told, and anyone's
    /// <c>SIGCONT</c> undoes it.
    /// </remarks>
    public static FreezerChoice Make(FreezeCosts costs, int threads, bool isChild, bool mayTrace)
    {
        TimeSpan cgroup = costs.Of(FreezerKind.Cgroup, threads);
        if (!mayTrace && !isChild)
        {
            return new FreezerChoice(FreezerKind.Cgroup, FreezerKind.Signal, "cgroup: the caller may not trace it");
        }

        if (isChild)
        {
            const string Child = "a child of the caller is never traced, for .NET may reap its stops";
            TimeSpan signal = costs.Of(FreezerKind.Signal, threads);
            return cgroup < signal
                ? new FreezerChoice(FreezerKind.Cgroup, FreezerKind.Signal, $"cgroup: {Child}; {Compare(cgroup, signal, "signal", threads)}")
                : new FreezerChoice(FreezerKind.Signal, FreezerKind.Cgroup, $"signal: {Child}; {Compare(signal, cgroup, "cgroup", threads)}");
        }

        TimeSpan ptrace = costs.Of(FreezerKind.Ptrace, threads);
        bool isCheaper = ptrace > cgroup * ClearFactor && ptrace - cgroup > ClearlyCheaper;
        return isCheaper
            ? new FreezerChoice(FreezerKind.Cgroup, FreezerKind.Ptrace, $"cgroup: {Compare(cgroup, ptrace, "ptrace", threads)}")
            : new FreezerChoice(FreezerKind.Ptrace, FreezerKind.Auto, $"ptrace: the kernel itself undoes it; {Compare(ptrace, cgroup, "cgroup", threads)}");
    }

    private static string Compare(TimeSpan own, TimeSpan other, string name, int threads) => string.Create(
        CultureInfo.InvariantCulture,
        $"about {own.TotalMicroseconds:F0} us for {threads} {(threads == 1 ? "thread" : "threads")}, by {name} {other.TotalMicroseconds:F0} us");
}
