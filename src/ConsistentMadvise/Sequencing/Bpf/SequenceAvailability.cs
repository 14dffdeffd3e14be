namespace ConsistentMadvise;

/// <summary>Whether the kernel's layout sequence can be read here, and if not, why.</summary>
/// <param name="Obstacle">The obstacle; <see cref="SequenceObstacle.None"/> if there is none.</param>
/// <param name="Reason">One or two sentences: what is missing and what would help. Empty if there is no obstacle.</param>
internal sealed record SequenceAvailability(SequenceObstacle Obstacle, string Reason)
{
    public static readonly SequenceAvailability Available = new(SequenceObstacle.None, string.Empty);

    public bool IsAvailable => Obstacle == SequenceObstacle.None;
}
