namespace ConsistentMadvise;

/// <summary>A freezer and why it was chosen, or why there is none.</summary>
/// <param name="Freezer">The freezer; null if the target cannot be frozen.</param>
/// <param name="Choice">Why this kind was chosen, or which kinds were refused, in a sentence; empty if nothing was chosen.</param>
/// <param name="Stop">Why there is no freezer.</param>
internal readonly record struct MadeFreezer(IFreezer? Freezer, string Choice, TransactionStop Stop)
{
    /// <summary>Converts a stop into a result without a freezer, for which no kind was tried.</summary>
    public static implicit operator MadeFreezer(TransactionStop stop) => new(null, stop.Detail, stop);
}
