using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="LayoutMatch.Layout"/>: the whole text must hash to the plan's token.</summary>
[RunsFrozen]
internal sealed class LayoutRecheck(ProcessTarget target, HintPlan plan, AddressSpace? space, TransactionScratch scratch) : IRecheck
{
    private readonly MapsHasher _hasher = scratch.Hasher;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run(bool mayDrop)
    {
        RecheckResult result = FreshMaps.Open(target, out LocalFile maps);
        using (maps)
        {
            return result.IsSame ? FreshMaps.Confirm(space, Compare(in maps)) : result;
        }
    }

    public RecheckResult LookAgain() => Run(mayDrop: false);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RecheckResult Compare(in LocalFile maps)
    {
        Errno errno = _hasher.Hash(in maps, out UInt128 hash, out int vmas, most: plan.Token.VmaCount);
        return !errno.Ok || vmas == 0 ? RecheckResult.Unreadable(target, errno)
            : hash == plan.Token.Hash && vmas == plan.Token.VmaCount ? RecheckResult.Same
            : RecheckResult.Changed;
    }
}
