namespace ConsistentMadvise;

/// <summary>Compares a target's layout with the one that a plan was made from. Allocates nothing; for one thread.</summary>
internal interface IRecheck
{
    /// <param name="mayDrop">Whether a VMA that has changed is dropped from what is left of the plan, where the match asks for the planned ones alone; otherwise it makes the plan stale.</param>
    RecheckResult Run(bool mayDrop);

    /// <summary>Looks once more, after hints: whether the layout is known to have moved since <see cref="Run"/> last accepted it. A text does not show a change that was undone.</summary>
    RecheckResult LookAgain();
}
