namespace ConsistentMadvise;

/// <summary>Thrown if a target could not be thawed, or may not have been: the one failure that is never a status.</summary>
/// <remarks>Derives from <see cref="Exception"/> directly, so that no handler of a broader kind catches it by accident.</remarks>
public sealed class TargetMayBeFrozenException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="pid">The process that may still be frozen.</param>
    /// <param name="freezer">What froze it; null if unknown.</param>
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

    /// <summary>Gets what froze it; null if unknown.</summary>
    public FreezerKind? Freezer { get; }

    /// <summary>How to thaw it.</summary>
    internal string Remedy { get; }
}
