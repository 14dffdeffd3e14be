namespace ConsistentMadvise;

/// <summary>How an attempt to freeze ended. But for <see cref="Frozen"/> the target is as it was found.</summary>
internal enum FreezeStatus
{
    Unspecified = 0,
    Frozen,
    TimedOut,
    TargetExited,
    Refused,
}
