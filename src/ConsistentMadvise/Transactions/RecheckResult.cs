namespace ConsistentMadvise;

/// <summary>What a recheck found.</summary>
internal enum RecheckResult
{
    Unspecified = 0,

    /// <summary>The plan still fits.</summary>
    Same,

    /// <summary>The layout differs where the plan requires it not to.</summary>
    Changed,

    /// <summary>Somebody wrote to the address space while its text was read: what the text said is no answer.</summary>
    Unsettled,

    /// <summary>The process left the address space of the plan: it executed another program.</summary>
    Replaced,

    /// <summary>The process has no address space any more: it is ending.</summary>
    Gone,

    /// <summary>The layout may not be read any more, as after executing a set-user-ID program.</summary>
    Denied,
}
