using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The parts of the kernel's BTF that the library needs: structures, members and functions, looked up by their names (<c>linux/btf.h</c>).</summary>
/// <remarks>
/// Opening walks all types once and checks that each lies within the bytes; later lookups use the offsets of that walk.
/// Names and references are checked when followed. Nothing throws on any input, and no bytes are retained.
/// </remarks>
internal readonly ref struct Btf
{
    private const int TypeBytes = 12;

    /// <summary>The index has one offset per this many types, which differ in length: 8 KiB for the 66,000 types of a kernel.</summary>
    private const int TypesPerMark = 32;

    /// <summary>The kernel's own limit, BTF_MAX_TYPE.</summary>
    private const int MaxTypes = 0xfffff;

    private readonly ReadOnlySpan<byte> _types;
    private readonly ReadOnlySpan<byte> _strings;
    private readonly List<int> _marks;

    private Btf(ReadOnlySpan<byte> types, ReadOnlySpan<byte> strings, List<int> marks, int count)
    {
        _types = types;
        _strings = strings;
        _marks = marks;
        Count = count;
    }

    /// <summary>The number of types. Ids go from 1 to it; id 0 is <c>void</c>.</summary>
    public int Count { get; }

    /// <summary>Opens the content of <c>/sys/kernel/btf/vmlinux</c>.</summary>
    public static BtfError TryOpen(ReadOnlySpan<byte> data, out Btf btf)
    {
        btf = default;
        BtfError error = BtfHeader.TryRead(data, out ReadOnlySpan<byte> types, out ReadOnlySpan<byte> strings);
        if (error != BtfError.None)
        {
            return error;
        }

        List<int> marks = [];
        error = Walk(types, marks, out int count);
        if (error == BtfError.None)
        {
            btf = new Btf(types, strings, marks, count);
        }

        return error;
    }

    /// <summary>Reads a type; returns false if there is none with this id.</summary>
    public bool TryRead(uint id, out BtfType type)
    {
        if (id == 0 || id > (uint)Count)
        {
            type = default;
            return false;
        }

        int place = _marks[(int)((id - 1) / TypesPerMark)];
        for (uint left = (id - 1) % TypesPerMark; left > 0; left--)
        {
            place += TypeBytes + DetailBytes(ReadInfo(_types, place));
        }

        type = ReadType(_types, place);
        return true;
    }

    /// <summary>Finds the first type of a kind with a name; 0 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public uint Find(uint kind, ReadOnlySpan<byte> name)
    {
        int place = 0;
        for (uint id = 1; id <= (uint)Count; id++)
        {
            BtfType type = ReadType(_types, place);
            if (type.Kind == kind && HasName(type.Name, name))
            {
                return id;
            }

            place = type.Details + DetailBytes(type.Info);
        }

        return 0;
    }

    /// <summary>Returns whether the name at an offset in the strings is this one.</summary>
    public bool HasName(uint offset, ReadOnlySpan<byte> name)
    {
        if (offset >= (uint)_strings.Length || _strings.Length - (int)offset <= name.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> text = _strings[(int)offset..];
        return text[name.Length] == 0 && text.StartsWith(name);
    }

    /// <summary>Reads a member of a structure or union. <paramref name="index"/> is below its <see cref="BtfType.Count"/>.</summary>
    public void ReadMember(in BtfType type, int index, out uint name, out uint memberType, out uint place)
    {
        ReadOnlySpan<byte> member = _types.Slice(type.Details + index * TypeBytes, TypeBytes);
        name = BinaryPrimitives.ReadUInt32LittleEndian(member);
        memberType = BinaryPrimitives.ReadUInt32LittleEndian(member[4..]);
        place = BinaryPrimitives.ReadUInt32LittleEndian(member[8..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static BtfError Walk(ReadOnlySpan<byte> types, List<int> marks, out int count)
    {
        count = 0;
        int place = 0;
        while (place < types.Length)
        {
            if (types.Length - place < TypeBytes)
            {
                return BtfError.TruncatedType;
            }

            int details = DetailBytes(ReadInfo(types, place));
            if (details < 0)
            {
                return BtfError.UnknownKind;
            }

            if (types.Length - place - TypeBytes < details)
            {
                return BtfError.TruncatedType;
            }

            if (count % TypesPerMark == 0)
            {
                marks.Add(place);
            }

            place += TypeBytes + details;
            if (++count > MaxTypes)
            {
                return BtfError.TooManyTypes;
            }
        }

        return BtfError.None;
    }

    /// <summary>The bytes after the fixed part; -1 for an unknown kind, which cannot be skipped.</summary>
    private static int DetailBytes(uint info)
    {
        int count = (int)(info & 0xffff);
        return ((info >> 24) & 0x1f) switch
        {
            Uapi.BTF_KIND_PTR or Uapi.BTF_KIND_FWD or Uapi.BTF_KIND_TYPEDEF or Uapi.BTF_KIND_VOLATILE or Uapi.BTF_KIND_CONST
                or Uapi.BTF_KIND_RESTRICT or Uapi.BTF_KIND_FUNC or Uapi.BTF_KIND_FLOAT or Uapi.BTF_KIND_TYPE_TAG => 0,
            Uapi.BTF_KIND_INT or Uapi.BTF_KIND_VAR or Uapi.BTF_KIND_DECL_TAG => 4,
            Uapi.BTF_KIND_ARRAY => 12,
            Uapi.BTF_KIND_ENUM or Uapi.BTF_KIND_FUNC_PROTO => 8 * count,
            Uapi.BTF_KIND_STRUCT or Uapi.BTF_KIND_UNION or Uapi.BTF_KIND_DATASEC or Uapi.BTF_KIND_ENUM64 => 12 * count,
            _ => -1,
        };
    }

    private static uint ReadInfo(ReadOnlySpan<byte> types, int place) => BinaryPrimitives.ReadUInt32LittleEndian(types[(place + 4)..]);

    private static BtfType ReadType(ReadOnlySpan<byte> types, int place)
    {
        ReadOnlySpan<byte> type = types.Slice(place, TypeBytes);
        return new BtfType(
            BinaryPrimitives.ReadUInt32LittleEndian(type),
            BinaryPrimitives.ReadUInt32LittleEndian(type[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(type[8..]),
            place + TypeBytes);
    }
}
