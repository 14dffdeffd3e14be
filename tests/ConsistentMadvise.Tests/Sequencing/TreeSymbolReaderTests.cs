using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class TreeSymbolReaderTests
{
    private static readonly string[] Needed =
    [
        "maple_range_64", "maple_arange_64", "vm_area_struct", "mm_struct", "mm_mt", "ma_root", "pivot", "slot", "vm_start", "vm_end", "vm_lock_seq", "bpf_rdonly_cast",
    ];

    public static TheoryData<string> Names => [.. Needed];

    [Fact]
    public void Read_HandMadeTypes_FindsEverySymbol()
    {
        TreeSymbols? symbols = Read(Make());
        Assert.NotNull(symbols);
        Assert.Equal((8, 128, 80), (symbols.Pivots, symbols.RangeSlots, symbols.GapSlots));
        Assert.Equal((64 + 8, 0, 8, 52), (symbols.MmRoot, symbols.VmaStart, symbols.VmaEnd, symbols.VmaSequence));
        Assert.Distinct([symbols.NodeType, symbols.VmaType, symbols.ReadOnlyCast, 0u]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_WithoutOneName_FindsNothing(string name) => Assert.Null(Read(Make(without: name)));

    [Theory]
    [InlineData(256u, 80u)] // more pivots than fit into a node
    [InlineData(8u, 80u)] // no pivot
    [InlineData(129u, 80u)]
    [InlineData(128u, 84u)]
    public void Read_NodesOfAnotherShape_FindsNothing(uint rangeSlots, uint gapSlots) => Assert.Null(Read(Make(rangeSlots: rangeSlots, gapSlots: gapSlots)));

    [Fact]
    public void Read_ASequenceOfAnotherSize_FindsNothing() => Assert.Null(Read(Make(sequenceBytes: 8)));

    private static TreeSymbols? Read(byte[] types)
    {
        Assert.Equal(BtfError.None, Btf.TryOpen(types, out Btf btf));
        return TreeSymbolReader.Read(btf);
    }

    private static byte[] Make(string without = "", uint rangeSlots = 128, uint gapSlots = 80, uint sequenceBytes = 4)
    {
        TestBtf btf = new();
        uint word = btf.Int("unsigned long", 8), sequence = btf.Int("unsigned int", sequenceBytes), pointer = btf.Pointer();
        uint array = btf.Add("", Uapi.BTF_KIND_ARRAY, 0, 0, word, word, 15);
        btf.Struct(Name("maple_range_64"), ("parent", pointer, 0), (Name("pivot"), array, 8 * 8), (Name("slot"), array, rangeSlots * 8));
        btf.Struct(Name("maple_arange_64"), ("parent", pointer, 0), (Name("pivot"), array, 8 * 8), (Name("slot"), array, gapSlots * 8));
        uint tree = btf.Struct("maple_tree", ("ma_flags", word, 0), (Name("ma_root"), pointer, 8 * 8));
        btf.Struct(Name("mm_struct"), (Name("mm_mt"), tree, 64 * 8));
        btf.Struct(Name("vm_area_struct"), (Name("vm_start"), word, 0), (Name("vm_end"), word, 8 * 8), (Name("vm_lock_seq"), sequence, 52 * 8));
        btf.Function(Name("bpf_rdonly_cast"));
        return btf.ToArray();

        string Name(string name) => name == without ? "other" : name;
    }
}
