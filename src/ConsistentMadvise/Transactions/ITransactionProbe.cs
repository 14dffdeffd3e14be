namespace ConsistentMadvise;

/// <summary>Called by a transaction at each phase, on its thread. Tests act at a phase through it; in production there is none.</summary>
internal interface ITransactionProbe
{
    void At(TransactionPhase phase);
}
