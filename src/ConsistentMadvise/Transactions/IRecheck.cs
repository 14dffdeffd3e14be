namespace ConsistentMadvise;

/// <summary>Compares a target's layout with the one that a plan was made from. Allocates nothing; for one thread.</summary>
internal interface IRecheck
{
    RecheckResult Run();

    /// <summary>Whether the layout is known to have moved since <see cref="Run"/> last accepted it. A text does not show a change that was undone.</summary>
    bool HasMoved();
}
