namespace ConsistentMadvise;

/// <summary>What a plan's own process knows about it, if another process applies it: the JSON form does not contain that.</summary>
/// <param name="Space">The address space that it was made from, pinned; null if unknown.</param>
/// <param name="IsPlanKnown">Whether it was made from a snapshot, or only read.</param>
internal sealed record TransactionOrigin(AddressSpace? Space, bool IsPlanKnown);
