namespace ConsistentMadvise;

/// <summary>Why bytes are not valid BTF.</summary>
internal enum BtfError
{
    None = 0,
    TooShort,
    NotBtf,
    ByteOrder,
    Version,
    Sections,
    TruncatedType,
    UnknownKind,
    TooManyTypes,
}
