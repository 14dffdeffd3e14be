namespace ConsistentMadvise.KernelTests;

/// <summary>A recheck that can be made to believe.</summary>
internal sealed class OmittingRecheck(IRecheck inner) : IRecheck
{
    private bool _believes;
    private bool _looksBehind = true;

    public void Believe(bool lookBehind) => (_believes, _looksBehind) = (true, lookBehind);

    public RecheckResult Run() => _believes ? RecheckResult.Same : inner.Run();

    public bool HasMoved() => _looksBehind && inner.HasMoved();
}
