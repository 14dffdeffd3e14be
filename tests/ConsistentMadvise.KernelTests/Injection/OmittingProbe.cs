namespace ConsistentMadvise.KernelTests;

/// <summary>Has a transaction leave a step out.</summary>
internal sealed class OmittingProbe(OmittedStep step, ITransactionProbe? inner = null) : ITransactionProbe
{
    private Action? _thawNow;
    private OmittingRecheck? _recheck;

    public void At(TransactionPhase phase)
    {
        switch (phase)
        {
            case TransactionPhase.Frozen when step is OmittedStep.Recheck or OmittedStep.RecheckAndLookAfter:
                _recheck!.Believe(lookAfter: step == OmittedStep.Recheck);
                break;
            case TransactionPhase.Rechecked when step == OmittedStep.ThawLast:
                _thawNow!();
                break;
        }

        inner?.At(phase);
    }

    public IFreezer Substitute(IFreezer freezer)
    {
        OmittingFreezer omitting = new(freezer, freezes: step != OmittedStep.Freeze);
        _thawNow = omitting.ThawNow;
        return omitting;
    }

    public IRecheck Substitute(IRecheck recheck) => _recheck = new OmittingRecheck(recheck);
}
