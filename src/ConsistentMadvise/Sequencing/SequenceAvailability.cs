namespace ConsistentMadvise;

/// <summary>Whether the kernel's layout sequence can be read here, and if not, why.</summary>
/// <param name="Obstacle">What is in the way; <see cref="SequenceObstacle.None"/> when nothing is.</param>
/// <param name="Reason">One or two sentences for people: what is missing, and what would help. Empty when nothing is.</param>
internal sealed record SequenceAvailability(SequenceObstacle Obstacle, string Reason)
{
    public static readonly SequenceAvailability Available = new(SequenceObstacle.None, string.Empty);

    public bool IsAvailable => Obstacle == SequenceObstacle.None;
}
