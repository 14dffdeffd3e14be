using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class BtfFieldFinderTests
{
    [Fact]
    public void TryFind_MemberOfAnonymousMembers_IsAtTheSumOfTheirPlaces()
    {
        TestBtf types = new();
        uint number = types.Int("int", 4);
        uint inner = types.Struct("", ("other", number, 0), ("wanted", number, 32));
        uint union = types.Union("", ("a", number, 0), ("", inner, 64));
        uint outer = types.Struct("outer", ("first", number, 0), ("", types.Alias("", union, Uapi.BTF_KIND_CONST), 128));
        Assert.Equal((20u + 8, number), Find(types, outer, "wanted"u8));
        Assert.Equal((16u, number), Find(types, outer, "a"u8));
        Assert.Null(Find(types, outer, "inner"u8));
    }

    [Fact]
    public void TryFind_MemberOfNamedMember_IsNotAMemberOfTheOuter()
    {
        TestBtf types = new();
        uint number = types.Int("int", 4);
        uint outer = types.Struct("outer", ("named", types.Struct("", ("wanted", number, 0)), 0));
        Assert.Null(Find(types, outer, "wanted"u8));
    }

    [Fact]
    public void TryFind_PlaceThatIsNoWholeByteOrTooFar_IsNoField()
    {
        TestBtf types = new();
        uint number = types.Int("int", 4);
        uint outer = types.StructWithBitFields(
            "outer", ("whole", number, 64), ("bits", number, 4u << 24 | 64), ("odd", number, 65), ("far", number, 0x8000 * 8), ("last", number, 0x7fff * 8));
        uint plain = types.Struct("plain", ("far", number, uint.MaxValue & ~7u), ("odd", number, 3));
        Assert.Equal((8u, number), Find(types, outer, "whole"u8));
        Assert.Equal((0x7fffu, number), Find(types, outer, "last"u8));
        Assert.Null(Find(types, outer, "bits"u8));
        Assert.Null(Find(types, outer, "odd"u8));
        Assert.Null(Find(types, outer, "far"u8));
        Assert.Null(Find(types, plain, "far"u8));
        Assert.Null(Find(types, plain, "odd"u8));
    }

    [Fact]
    public void TryFind_StructureThatHoldsItself_Ends()
    {
        TestBtf types = new();
        uint self = types.Struct("self", [.. Enumerable.Repeat(("", 1u, 8u), 1000)]);
        Assert.Null(Find(types, self, "wanted"u8));
    }

    [Fact]
    public void TryResolve_AliasOfItselfOrOfNothing_IsNoType()
    {
        TestBtf types = new();
        types.Alias("self", 1);
        types.Alias("void", 0);
        types.Alias("beyond", 99);
        uint number = types.Int("int", 4);
        uint deep = types.Alias("a", types.Alias("", types.Alias("", number, Uapi.BTF_KIND_VOLATILE), Uapi.BTF_KIND_TYPE_TAG));
        Assert.Equal(BtfError.None, Btf.TryOpen(types.ToArray(), out Btf btf));
        BtfFieldFinder finder = new(btf);
        Assert.False(finder.TryResolve(1, out _));
        Assert.False(finder.TryResolve(2, out _));
        Assert.False(finder.TryResolve(3, out _));
        Assert.True(finder.TryResolve(deep, out BtfType type));
        Assert.Equal(Uapi.BTF_KIND_INT, type.Kind);
    }

    private static (uint Offset, uint Type)? Find(TestBtf types, uint structure, ReadOnlySpan<byte> name)
    {
        Assert.Equal(BtfError.None, Btf.TryOpen(types.ToArray(), out Btf btf));
        return new BtfFieldFinder(btf).TryFind(structure, name, out BtfField field) ? ((uint)field.Offset, field.Type) : null;
    }
}
