namespace ConsistentMadvise;

/// <summary>A request to apply one plan to one process.</summary>
/// <param name="Target">The process. Its descriptors stay open until the request is done, even if it is disposed first.</param>
/// <param name="Plan">The plan, made from a snapshot of that process.</param>
/// <param name="Options">The options; null for <see cref="HintOptions.Default"/>.</param>
public sealed record HintRequest(ProcessTarget Target, HintPlan Plan, HintOptions? Options = null);
