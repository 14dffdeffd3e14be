namespace ConsistentMadvise;

/// <summary>The exception with which a transaction ended in the helper, to be thrown in the host.</summary>
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

    /// <summary>An exception with which no transaction should end.</summary>
    Unexpected,
}
