namespace ConsistentMadvise;

/// <summary>What a plan's own process knows of it, where another applies it: its JSON form says none of that.</summary>
/// <param name="Space">The address space that it was made from, pinned; null when that is not known.</param>
/// <param name="IsPlanKnown">Whether it was made from a snapshot, or has only been read.</param>
internal sealed record TransactionOrigin(AddressSpace? Space, bool IsPlanKnown);
