namespace ConsistentMadvise;

/// <summary>The exception that a transaction ended by in the helper, to be thrown in the host.</summary>
internal enum HelperFailure
{
    /// <summary>None: there is an outcome.</summary>
    None = 0,

    /// <summary><see cref="OperationCanceledException"/>.</summary>
    Cancelled,

    /// <summary><see cref="PlatformNotSupportedException"/>.</summary>
    NotSupported,

    /// <summary><see cref="TargetMayBeFrozenException"/>.</summary>
    MayBeFrozen,

    /// <summary>One that no transaction should end by.</summary>
    Unexpected,
}
