namespace ConsistentMadvise;

/// <summary>A test's hook between the steps of a transaction; there is none in production.</summary>
internal interface ITransactionProbe
{
    /// <summary>Called at each phase, on the transaction's thread.</summary>
    void At(TransactionPhase phase);

    /// <summary>Returns the freezer that the transaction continues with: tests use it to omit a step, to prove that the step is needed.</summary>
    IFreezer Substitute(IFreezer freezer) => freezer;

    /// <summary>Returns the recheck that the transaction continues with.</summary>
    IRecheck Substitute(IRecheck recheck) => recheck;
}
