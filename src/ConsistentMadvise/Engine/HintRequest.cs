namespace ConsistentMadvise;

/// <summary>One plan to be applied to one process.</summary>
/// <param name="Target">The process. It stays open until the request is done.</param>
/// <param name="Plan">The plan, made from a snapshot of that process.</param>
/// <param name="Options">How; <see cref="HintOptions.Default"/> when null.</param>
public sealed record HintRequest(ProcessTarget Target, HintPlan Plan, HintOptions? Options = null);
