namespace ConsistentMadvise;

/// <summary>What a test puts between the steps of a transaction; in production there is none.</summary>
internal interface ITransactionProbe
{
    /// <summary>Called at each phase, on the transaction's thread.</summary>
    void At(TransactionPhase phase);

    /// <summary>Gives the freezer that the transaction goes on with: tests leave a step out by it, to see that it is missed.</summary>
    IFreezer Substitute(IFreezer freezer) => freezer;

    /// <summary>Gives the recheck that the transaction goes on with.</summary>
    IRecheck Substitute(IRecheck recheck) => recheck;
}
