namespace ConsistentMadvise;

/// <summary>What a recheck found.</summary>
internal enum RecheckKind
{
    Unspecified = 0,

    /// <summary>The plan still matches.</summary>
    Same,

    /// <summary>The layout differs where the plan requires it not to.</summary>
    Changed,

    /// <summary>The address space was written to while its text was read, so the text proves nothing.</summary>
    Unsettled,

    /// <summary>The process left the plan's address space: it exec'd.</summary>
    Replaced,

    /// <summary>The process no longer has an address space: it is exiting.</summary>
    Gone,

    /// <summary>The layout may no longer be read, as after exec of a set-user-ID program.</summary>
    Denied,

    /// <summary>An error on the caller's side kept the layout from being read: nothing is known about the plan.</summary>
    CouldNotLook,
}
