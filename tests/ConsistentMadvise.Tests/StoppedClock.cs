namespace ConsistentMadvise.Tests;

/// <summary>A clock that stands still.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;

    /// <summary>The options of a plan that is made at a time.</summary>
    public static PlanOptions PlanAt(DateTimeOffset now) => new() { TimeProvider = new StoppedClock(now) };
}
