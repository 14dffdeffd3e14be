using System.Globalization;

namespace ConsistentMadvise;

/// <summary>Which freezers <see cref="FreezerKind.Auto"/> tries for a target, in which order, and why.</summary>
/// <param name="Order">The freezer to try first, then those to try if one is refused, denied or locked.</param>
/// <param name="Reason">Why the first one is tried first, in a sentence.</param>
internal readonly record struct FreezerChoice(FreezerKind[] Order, string Reason)
{
    /// <summary>Another freezer is preferred to ptrace if it is cheaper by this factor and by <see cref="ClearlyCheaper"/>.</summary>
    private const double ClearFactor = 1.5;

    private static readonly FreezerKind[] CgroupThenSignal = [FreezerKind.Cgroup, FreezerKind.Signal];
    private static readonly FreezerKind[] SignalThenCgroup = [FreezerKind.Signal, FreezerKind.Cgroup];
    private static readonly FreezerKind[] CgroupFirst = [FreezerKind.Cgroup, FreezerKind.Ptrace, FreezerKind.Signal];
    private static readonly FreezerKind[] PtraceFirst = [FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal];

    private static readonly TimeSpan ClearlyCheaper = TimeSpan.FromMicroseconds(100);

    /// <summary>Chooses by availability and cost.</summary>
    /// <param name="costs">The cost of each freezer.</param>
    /// <param name="threads">How many threads the target has.</param>
    /// <param name="isChild">Whether the target is a child of the caller; a child is never traced.</param>
    /// <param name="untraceable">What keeps the caller from tracing the target; empty if nothing does.</param>
    /// <remarks>
    /// Ptrace is preferred because the kernel itself undoes it. The signal freezer is the last resort: the target's parent is notified of the stop, and anyone's
    /// <c>SIGCONT</c> undoes it.
    /// </remarks>
    public static FreezerChoice Make(FreezeCosts costs, int threads, bool isChild, string untraceable)
    {
        TimeSpan cgroup = costs.Of(FreezerKind.Cgroup, threads);
        if (untraceable.Length != 0 && !isChild)
        {
            return new FreezerChoice(CgroupThenSignal, $"cgroup: {untraceable}");
        }

        if (isChild)
        {
            const string Child = "a child of the caller is never traced, because .NET may reap its stops";
            TimeSpan signal = costs.Of(FreezerKind.Signal, threads);
            return cgroup < signal
                ? new FreezerChoice(CgroupThenSignal, Compare($"cgroup: {Child}; ", cgroup, signal, "signal", threads))
                : new FreezerChoice(SignalThenCgroup, Compare($"signal: {Child}; ", signal, cgroup, "cgroup", threads));
        }

        TimeSpan ptrace = costs.Of(FreezerKind.Ptrace, threads);
        bool isCheaper = ptrace > cgroup * ClearFactor && ptrace - cgroup > ClearlyCheaper;
        return isCheaper
            ? new FreezerChoice(CgroupFirst, Compare("cgroup: ", cgroup, ptrace, "ptrace", threads))
            : new FreezerChoice(PtraceFirst, Compare("ptrace: the kernel itself undoes it; ", ptrace, cgroup, "cgroup", threads));
    }

    private static string Compare(string why, TimeSpan own, TimeSpan other, string name, int threads) => string.Create(
        CultureInfo.InvariantCulture,
        $"{why}about {own.TotalMicroseconds:F0} us for {threads} {(threads == 1 ? "thread" : "threads")}; {name} about {other.TotalMicroseconds:F0} us");
}
