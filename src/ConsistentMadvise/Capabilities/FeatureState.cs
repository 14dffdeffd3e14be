namespace ConsistentMadvise;

/// <summary>Whether this machine has a feature for this caller.</summary>
public enum FeatureState
{
    /// <summary>It could not be determined.</summary>
    Unknown = 0,

    /// <summary>It is available.</summary>
    Available,

    /// <summary>The kernel does not have it, it is not set up, or this version of the library does not use it.</summary>
    Missing,

    /// <summary>It exists, but not for this caller.</summary>
    NotPermitted,
}
