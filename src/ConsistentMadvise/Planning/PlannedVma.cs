namespace ConsistentMadvise;

/// <summary>A VMA that a plan touches, as the recheck compares it.</summary>
/// <param name="Range">The whole VMA.</param>
/// <param name="LineHash">The hash of its line of maps; see <see cref="MapsLineHash"/>.</param>
internal readonly record struct PlannedVma(AddressRange Range, UInt128 LineHash);
