namespace ConsistentMadvise;

/// <summary>How a plan is made.</summary>
public sealed record PlanOptions
{
    /// <summary>Gets the default options.</summary>
    public static PlanOptions Default { get; } = new();

    /// <summary>Gets how long the plan may be applied: above zero, at most <see cref="HintPlan.MaxLifetime"/>; <see cref="HintPlan.DefaultLifetime"/> by default.</summary>
    public TimeSpan Lifetime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, HintPlan.MaxLifetime);
            field = value;
        }
    } = HintPlan.DefaultLifetime;

    /// <summary>Gets the clock of <see cref="HintPlan.CreatedAt"/>; the system's by default.</summary>
    /// <remarks>Applying compares <see cref="HintPlan.ExpiresAt"/> with the system's clock: it bounds a counter of the kernel.</remarks>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
