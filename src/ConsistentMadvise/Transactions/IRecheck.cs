namespace ConsistentMadvise;

/// <summary>Compares a target's layout with the one that a plan was made from. Allocates nothing; for one thread.</summary>
internal interface IRecheck
{
    RecheckResult Run();
}
