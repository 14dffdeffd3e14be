namespace ConsistentMadvise.KernelTests;

/// <summary>Has something happen in the middle of a transaction's first freeze.</summary>
internal sealed class HalfwayProbe(HalfwayTarget target, HalfwayEvent what) : ITransactionProbe
{
    /// <summary>What each freeze returned.</summary>
    public List<TransactionStop> Results { get; } = [];

    public void At(TransactionPhase phase)
    {
    }

    public IFreezer Substitute(IFreezer freezer) => new HalfwayFreezer(freezer, target, what, Results);
}
