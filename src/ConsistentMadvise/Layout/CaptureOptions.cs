namespace ConsistentMadvise;

/// <summary>How a layout is captured.</summary>
public sealed record CaptureOptions
{
    /// <summary>Gets the default options.</summary>
    public static CaptureOptions Default { get; } = new();

    /// <summary>
    /// Gets how many times the text is read at most, from 1 to 100; 4 by default. Where the kernel's layout sequence can be read, reading stops as soon
    /// as it did not move meanwhile, mostly after one read; elsewhere as soon as two reads in a row are the same, and with 1 a snapshot is never called
    /// stable: half the cost, and no less safe.
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
