namespace ConsistentMadvise;

/// <summary>How a layout is captured.</summary>
public sealed record CaptureOptions
{
    /// <summary>Gets the default options.</summary>
    public static CaptureOptions Default { get; } = new();

    /// <summary>Gets the clock of <see cref="LayoutSnapshot.CapturedAt"/>; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Gets the maximum number of reads, from 1 to 100; 4 by default. With the kernel's layout sequence, reading stops once
    /// the sequence did not move during a read, usually the first. Without it, reading stops after two equal reads in a row; with 1, a snapshot is then never
    /// stable, which costs half and is as safe.
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
