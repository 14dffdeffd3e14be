namespace ConsistentMadvise.KernelTests;

/// <summary>Has the freezer leave out the survey before a window: what that would have seen begins right after it.</summary>
internal sealed class UnsurveyedProbe : ITransactionProbe
{
    public void At(TransactionPhase phase)
    {
    }

    public IFreezer Substitute(IFreezer freezer) => new UnsurveyedFreezer((ITracingFreezer)freezer);
}
