namespace ConsistentMadvise;

/// <summary>Which process runs a transaction: freezes the target, makes the calls, and thaws it.</summary>
public enum TransactionHost
{
    /// <summary>The calling process. While that is stopped, throttled, collecting garbage or dumping core, a target that it holds waits.</summary>
    Caller = 0,

    /// <summary>A small process of this library's own, the command <c>cmadvise</c>: what holds up the caller holds up no target.</summary>
    Helper,
}
