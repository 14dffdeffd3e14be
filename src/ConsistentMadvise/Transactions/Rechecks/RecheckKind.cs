namespace ConsistentMadvise;

/// <summary>What a recheck found.</summary>
internal enum RecheckKind
{
    Unspecified = 0,

    /// <summary>The plan still fits.</summary>
    Same,

    /// <summary>The layout differs where the plan requires it not to.</summary>
    Changed,

    /// <summary>The address space was written to while its text was read: what the text said is no answer.</summary>
    Unsettled,

    /// <summary>The process left the address space of the plan: it exec'd.</summary>
    Replaced,

    /// <summary>The process has no address space any more: it is exiting.</summary>
    Gone,

    /// <summary>The layout may not be read any more, as after exec of a set-user-ID program.</summary>
    Denied,

    /// <summary>An error on the caller's side kept the layout from being read: it says nothing about the plan.</summary>
    CouldNotLook,
}
