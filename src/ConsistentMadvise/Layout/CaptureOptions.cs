namespace ConsistentMadvise;

/// <summary>How a layout is captured.</summary>
public sealed record CaptureOptions
{
    /// <summary>Gets the default options.</summary>
    public static CaptureOptions Default { get; } = new();

    /// <summary>
    /// Gets how many times the text is read at most, from 1 to 100; 4 by default. Reading stops as soon as two reads in a row are the same.
    /// With 1 the text is read once and the snapshot is never called stable: half the cost, and no less safe.
    /// </summary>
    public int MaxReads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            field = value;
        }
    } = 4;
}
