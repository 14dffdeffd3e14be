namespace ConsistentMadvise;

/// <summary>A use of a target, from request to completion: keeps the target's descriptors open until it is disposed, once.</summary>
internal readonly struct TargetUse(ProcessTarget target) : IDisposable
{
    public void Dispose() => target.EndUse();
}
