namespace ConsistentMadvise.KernelTests;

/// <summary>A recheck that can be made to believe.</summary>
internal sealed class OmittingRecheck(IRecheck inner) : IRecheck
{
    private bool _believes;
    private bool _looksAfter = true;

    public void Believe(bool lookAfter) => (_believes, _looksAfter) = (true, lookAfter);

    public RecheckResult Run(bool mayDrop) => _believes ? RecheckResult.Same : inner.Run(mayDrop);

    public RecheckResult LookAgain() => _looksAfter ? inner.LookAgain() : RecheckResult.Same;
}
