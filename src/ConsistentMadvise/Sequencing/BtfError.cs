namespace ConsistentMadvise;

/// <summary>Why bytes are not type information that can be read.</summary>
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
