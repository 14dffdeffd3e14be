namespace ConsistentMadvise.KernelTests;

/// <summary>A step that a transaction is made to leave out, to see that it is needed and that the suite would notice.</summary>
public enum OmittedStep
{
    None = 0,

    /// <summary>It goes on as if the target were held.</summary>
    Freeze,

    /// <summary>It believes what it saw before the freeze. The check after the hints stays.</summary>
    Recheck,

    /// <summary>It neither rechecks under the freeze nor checks after the hints.</summary>
    RecheckAndLookAfter,

    /// <summary>It thaws after the recheck, and advises a running target.</summary>
    ThawLast,
}
