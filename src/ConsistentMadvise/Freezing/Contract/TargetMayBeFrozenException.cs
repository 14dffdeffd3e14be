namespace ConsistentMadvise;

/// <summary>Thrown when a target could not be thawed, or it is not certain that it was: the one failure that is never a status.</summary>
/// <remarks>Derived from <see cref="Exception"/> alone: no handler of a broader kind is meant for it.</remarks>
public sealed class TargetMayBeFrozenException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="pid">The process that may still be frozen.</param>
    /// <param name="freezer">What froze it; null if that is not known.</param>
    /// <param name="remedy">How to thaw it.</param>
    public TargetMayBeFrozenException(int pid, FreezerKind? freezer, string remedy)
        : base($"Process {pid} may still be frozen{(freezer is null ? string.Empty : $" ({freezer})")}. {remedy}")
    {
        Pid = pid;
        Freezer = freezer;
        Remedy = remedy;
    }

    /// <summary>Gets the process that may still be frozen.</summary>
    public int Pid { get; }

    /// <summary>Gets what froze it; null if that is not known.</summary>
    public FreezerKind? Freezer { get; }

    /// <summary>How to thaw it.</summary>
    internal string Remedy { get; }
}
