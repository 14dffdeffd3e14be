using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Which VMAs of a plan are still to be advised and must be unchanged. Allocates nothing once created.</summary>
/// <remarks>
/// Before anything is advised, one changed VMA makes the plan stale. Afterwards <see cref="LayoutMatch.Ranges"/> drops changed VMAs and continues
/// with the rest.
/// </remarks>
[RunsFrozen]
internal sealed class PlanRemainder(HintPlan plan)
{
    private readonly bool[] _isDropped = new bool[plan.Vmas.Length];
    private bool[]? _isRaced;
    private int _first;

    public bool HasDropped { get; private set; }

    /// <summary>The first VMA that a recheck must find.</summary>
    public int First => NextFrom(_first);

    /// <summary>The first VMA at or after an index that a recheck must find; the number of VMAs if there is none.</summary>
    public int NextFrom(int vma)
    {
        while (vma < _isDropped.Length && _isDropped[vma])
        {
            vma++;
        }

        return vma;
    }

    public bool IsDropped(int vma) => _isDropped[vma];

    /// <summary>Skips the VMAs before this one: they have been advised, and their state no longer matters.</summary>
    public void AdvanceTo(int vma) => _first = vma;

    /// <summary>The end of the VMAs that a hint has reached.</summary>
    public int EndOfHinted { get; set; }

    /// <summary>Whether hints reached a VMA that changed meanwhile, while the rest of the plan went on.</summary>
    public bool HasRaced => _isRaced is not null;

    public bool IsRaced(int vma) => _isRaced is not null && _isRaced[vma];

    /// <summary>Records that a VMA changed while it was advised, and drops it. The target is running.</summary>
    public void Race(int vma)
    {
        _isRaced ??= new bool[_isDropped.Length];
        _isRaced[vma] = true;
        Drop(vma);
    }

    /// <summary>Drops a VMA that has changed.</summary>
    public void Drop(int vma) => HasDropped = _isDropped[vma] = true;
}
