namespace ConsistentMadvise;

/// <summary>Which process runs a transaction: freezes the target, makes the calls, and thaws it.</summary>
public enum TransactionHost
{
    /// <summary>The calling process. While it is stopped, throttled, collecting garbage or dumping core, a target that it holds stays frozen.</summary>
    Caller = 0,

    /// <summary>A small process of this library, the command <c>cmadvise</c>: a delay of the caller does not keep a target frozen.</summary>
    Helper,
}
