namespace ConsistentMadvise;

/// <summary>The freezer that was made for a target, and why it is that one; or why there is none.</summary>
/// <param name="Freezer">The freezer; null where the target cannot be frozen.</param>
/// <param name="Choice">Why it is this kind, or which kinds were refused, in a sentence; empty when nothing was chosen.</param>
/// <param name="Stop">Why there is no freezer.</param>
internal readonly record struct MadeFreezer(IFreezer? Freezer, string Choice, TransactionStop Stop)
{
    /// <summary>There is none, and no kind was tried.</summary>
    public static implicit operator MadeFreezer(TransactionStop stop) => new(null, stop.Detail, stop);
}
