namespace ConsistentMadvise;

/// <summary>A kernel object that is loaded at first use. The result is kept, unless it failed for lack of descriptors or memory.</summary>
internal sealed class LoadOnce<T>(LoadOnce<T>.Loader load)
    where T : class
{
    private readonly Lock _loading = new();
    private SequenceAvailability? _availability;
    private T? _loaded;

    public delegate SequenceAvailability Loader(out T? loaded);

    /// <summary>Returns what was loaded, or why it could not be.</summary>
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
