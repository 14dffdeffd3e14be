namespace ConsistentMadvise;

/// <summary>Something of the kernel's that is loaded at its first use. The answer is kept, unless it was only that no descriptor or memory was free.</summary>
internal sealed class LoadOnce<T>(LoadOnce<T>.Loader load)
    where T : class
{
    private readonly Lock _loading = new();
    private SequenceAvailability? _availability;
    private T? _loaded;

    public delegate SequenceAvailability Loader(out T? loaded);

    /// <summary>What was loaded, or why nothing could be.</summary>
    public SequenceAvailability Get(out T? loaded)
    {
        lock (_loading)
        {
            if (_availability is null || _availability.Obstacle == SequenceObstacle.OutOfResources)
            {
                _availability = load(out _loaded);
            }

            loaded = _loaded;
            return _availability;
        }
    }
}
