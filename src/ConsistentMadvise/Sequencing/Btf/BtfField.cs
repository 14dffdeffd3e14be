namespace ConsistentMadvise;

/// <summary>A member of a structure: its offset and its type.</summary>
/// <param name="Offset">Bytes from the start of the outermost structure.</param>
/// <param name="Type">The id of its type.</param>
internal readonly record struct BtfField(int Offset, uint Type);
