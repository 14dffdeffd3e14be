namespace ConsistentMadvise;

/// <summary>Keeps a target's descriptors open from request to completion. Dispose it exactly once.</summary>
internal readonly struct TargetUse(ProcessTarget target) : IDisposable
{
    public void Dispose() => target.EndUse();
}
