using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks up the symbols of the walk in the kernel's BTF by their names.</summary>
internal ref struct TreeSymbolReader
{
    private const int WordBytes = 8;

    /// <summary>A node has 256 bytes, a parent, and as many pivots as slots but one.</summary>
    private const int MaxPivots = 15;

    private readonly Btf _btf;
    private BtfFieldFinder _fields;
    private bool _isComplete = true;

    private TreeSymbolReader(Btf btf)
    {
        _btf = btf;
        _fields = new BtfFieldFinder(btf);
    }

    /// <summary>Returns the symbols; null if one is missing or is not what the walk expects.</summary>
    public static TreeSymbols? Read(Btf btf) => new TreeSymbolReader(btf).Read();

    private TreeSymbols? Read()
    {
        uint node = Structure("maple_range_64"u8), gapNode = Structure("maple_arange_64"u8), vma = Structure("vm_area_struct"u8);
        TreeSymbols found = new()
        {
            ReadOnlyCast = Id(Uapi.BTF_KIND_FUNC, "bpf_rdonly_cast"u8),
            NodeType = node,
            VmaType = vma,
            MmRoot = Nested(Structure("mm_struct"u8), "mm_mt"u8, "ma_root"u8),
            Pivots = Field(node, "pivot"u8, Uapi.BTF_KIND_ARRAY, out _),
            RangeSlots = Field(node, "slot"u8, Uapi.BTF_KIND_ARRAY, out _),
            GapSlots = Field(gapNode, "slot"u8, Uapi.BTF_KIND_ARRAY, out _),
            VmaStart = Number(vma, "vm_start"u8, WordBytes),
            VmaEnd = Number(vma, "vm_end"u8, WordBytes),
            VmaSequence = Number(vma, "vm_lock_seq"u8, sizeof(uint)),
        };
        bool isKnown = Field(gapNode, "pivot"u8, Uapi.BTF_KIND_ARRAY, out _) == found.Pivots
            && IsPivotCount(found.RangeSlots - found.Pivots) && IsPivotCount(found.GapSlots - found.Pivots) && found.MmRoot >= found.Pivots;
        return _isComplete && isKnown ? found : null;
    }

    private static bool IsPivotCount(int bytes) => bytes % WordBytes == 0 && bytes / WordBytes is > 0 and <= MaxPivots;

    private short Nested(uint structure, ReadOnlySpan<byte> outer, ReadOnlySpan<byte> inner)
    {
        short at = Field(structure, outer, Uapi.BTF_KIND_STRUCT, out BtfField field);
        int offset = at + Field(field.Type, inner, Uapi.BTF_KIND_PTR, out _);
        return offset <= short.MaxValue ? (short)offset : Miss();
    }

    private short Number(uint structure, ReadOnlySpan<byte> name, int bytes)
    {
        short at = Field(structure, name, Uapi.BTF_KIND_INT, out BtfField field);
        return _fields.TryResolve(field.Type, out BtfType type) && type.SizeOrType == bytes ? at : Miss();
    }

    private short Field(uint structure, ReadOnlySpan<byte> name, uint kind, out BtfField field) =>
        _fields.TryFind(structure, name, out field) && _fields.TryResolve(field.Type, out BtfType type) && type.Kind == kind ? (short)field.Offset : Miss();

    private uint Structure(ReadOnlySpan<byte> name) => Id(Uapi.BTF_KIND_STRUCT, name);

    private uint Id(uint kind, ReadOnlySpan<byte> name)
    {
        uint id = _btf.Find(kind, name);
        _isComplete &= id != 0;
        return id;
    }

    private short Miss()
    {
        _isComplete = false;
        return 0;
    }
}
