namespace ConsistentMadvise;

/// <summary>The fixed part of one type: <c>struct btf_type</c> of <c>linux/btf.h</c>.</summary>
/// <param name="Name">The offset of the name in the strings; 0 for none.</param>
/// <param name="Info">Kind, count and flag.</param>
/// <param name="SizeOrType">The size in bytes, or the id of the referenced type.</param>
/// <param name="Details">The offset in the types of the kind's own data, such as members.</param>
internal readonly record struct BtfType(uint Name, uint Info, uint SizeOrType, int Details)
{
    public uint Kind => (Info >> 24) & 0x1f;

    /// <summary>The number of members, parameters or values.</summary>
    public int Count => (int)(Info & 0xffff);

    /// <summary>For a structure: the upper byte of a member's offset is the width of a bit field.</summary>
    public bool Flag => Info >> 31 != 0;
}
