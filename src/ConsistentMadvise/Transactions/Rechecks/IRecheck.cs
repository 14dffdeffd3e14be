namespace ConsistentMadvise;

/// <summary>Compares a target's layout with the one that a plan was made from. Allocates nothing; for one thread.</summary>
internal interface IRecheck
{
    /// <param name="mayDrop">Whether a changed VMA is dropped from the rest of the plan, if the match requires only the planned ones; otherwise it makes the plan stale.</param>
    RecheckResult Run(bool mayDrop);

    /// <summary>Checks again, after hints, whether the layout is known to have moved since <see cref="Run"/> last accepted it. A text does not show a change that was undone.</summary>
    RecheckResult LookAgain();
}
