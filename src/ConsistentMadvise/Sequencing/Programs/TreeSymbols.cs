namespace ConsistentMadvise;

/// <summary>The offsets in this kernel that the walk through an address space's maple tree reads (<c>include/linux/maple_tree.h</c>, <c>mm_types.h</c>).</summary>
internal sealed record TreeSymbols
{
    /// <summary><c>bpf_rdonly_cast</c>: makes a number a pointer that may be read (Linux 6.2).</summary>
    public required uint ReadOnlyCast { get; init; }

    /// <summary>The BTF ids of <c>maple_range_64</c> and <c>vm_area_struct</c>.</summary>
    public required uint NodeType { get; init; }

    public required uint VmaType { get; init; }

    /// <summary>The root: <c>mm_mt.ma_root</c> in <c>mm_struct</c>.</summary>
    public required short MmRoot { get; init; }

    /// <summary>The pivots, at the same offset in both kinds of node.</summary>
    public required short Pivots { get; init; }

    /// <summary>The slots in <c>maple_range_64</c>, of leaves and small inner nodes.</summary>
    public required short RangeSlots { get; init; }

    /// <summary>The slots in <c>maple_arange_64</c>, of inner nodes that also record gaps.</summary>
    public required short GapSlots { get; init; }

    public required short VmaStart { get; init; }

    public required short VmaEnd { get; init; }

    /// <summary>The sequence at which the VMA was last locked for writing.</summary>
    public required short VmaSequence { get; init; }
}
