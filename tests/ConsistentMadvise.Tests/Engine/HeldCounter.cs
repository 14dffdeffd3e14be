namespace ConsistentMadvise.Tests;

/// <summary>Counts how many jobs released it.</summary>
internal sealed class HeldCounter : IDisposable
{
    private int _released;

    public int Released => Volatile.Read(ref _released);

    public void Dispose() => Interlocked.Increment(ref _released);
}
