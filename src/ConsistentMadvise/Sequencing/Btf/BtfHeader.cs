using System.Buffers.Binary;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The header before the type information: <c>struct btf_header</c> of <c>linux/btf.h</c>.</summary>
internal static class BtfHeader
{
    private const int HeaderBytes = 24;

    public static BtfError TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> types, out ReadOnlySpan<byte> strings)
    {
        types = default;
        strings = default;
        if (data.Length < HeaderBytes)
        {
            return BtfError.TooShort;
        }

        ushort magic = BinaryPrimitives.ReadUInt16LittleEndian(data);
        if (magic != Uapi.BTF_MAGIC)
        {
            return magic == BinaryPrimitives.ReverseEndianness(Uapi.BTF_MAGIC) ? BtfError.ByteOrder : BtfError.NotBtf;
        }

        if (data[2] != Uapi.BTF_VERSION)
        {
            return BtfError.Version;
        }

        // Offsets are relative to the end of the header, which may be longer than the part known here.
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
        return header >= HeaderBytes
            && TrySlice(data, header, data[8..], out types)
            && TrySlice(data, header, data[16..], out strings) ? BtfError.None : BtfError.Sections;
    }

    private static bool TrySlice(ReadOnlySpan<byte> data, uint header, ReadOnlySpan<byte> place, out ReadOnlySpan<byte> section)
    {
        ulong start = (ulong)header + BinaryPrimitives.ReadUInt32LittleEndian(place);
        ulong length = BinaryPrimitives.ReadUInt32LittleEndian(place[4..]);
        bool isInside = start + length <= (ulong)data.Length;
        section = isInside ? data.Slice((int)start, (int)length) : default;
        return isInside;
    }
}
