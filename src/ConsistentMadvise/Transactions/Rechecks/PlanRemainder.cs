using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Which VMAs of a plan are still to be advised, and must still be what they were. Allocates nothing once made.</summary>
/// <remarks>
/// Before anything was advised, one changed VMA makes the plan stale. Afterwards <see cref="LayoutMatch.Ranges"/> drops what has changed and goes on
/// with the rest.
/// </remarks>
[RunsFrozen]
internal sealed class PlanRemainder(HintPlan plan)
{
    private readonly bool[] _isDropped = new bool[plan.Vmas.Length];
    private int _first;

    public bool HasDropped { get; private set; }

    /// <summary>The first VMA that a recheck must find.</summary>
    public int First => NextFrom(_first);

    /// <summary>The first VMA at or after an index that a recheck must find; the count of VMAs when there is none.</summary>
    public int NextFrom(int vma)
    {
        while (vma < _isDropped.Length && _isDropped[vma])
        {
            vma++;
        }

        return vma;
    }

    public bool IsDropped(int vma) => _isDropped[vma];

    /// <summary>Whatever becomes of the VMAs before this one, they have been advised.</summary>
    public void AdvanceTo(int vma) => _first = vma;

    /// <summary>Gives up a VMA that has changed.</summary>
    public void Drop(int vma) => HasDropped = _isDropped[vma] = true;
}
