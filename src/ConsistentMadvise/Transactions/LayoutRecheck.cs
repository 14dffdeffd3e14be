using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="LayoutMatch.Layout"/>: the whole text must hash to the plan's token.</summary>
internal sealed class LayoutRecheck(ProcessTarget target, HintPlan plan) : IRecheck
{
    private readonly MapsHasher _hasher = new();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run()
    {
        RecheckResult opened = FreshMaps.Open(target, out int maps);
        if (opened != RecheckResult.Same)
        {
            return opened;
        }

        Errno errno = _hasher.Hash(maps, out UInt128 hash, out int vmas);
        Kernel.Close(maps);
        if (!errno.Ok || vmas == 0)
        {
            return FreshMaps.Explain(errno);
        }

        return !FreshMaps.IsHeld(plan) ? RecheckResult.Replaced
            : hash == plan.Token.Hash && vmas == plan.Token.VmaCount ? RecheckResult.Same
            : RecheckResult.Changed;
    }

    public bool HasMoved() => Run() is RecheckResult.Changed or RecheckResult.Replaced;
}
