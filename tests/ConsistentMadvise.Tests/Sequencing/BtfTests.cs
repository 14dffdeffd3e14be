using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class BtfTests
{
    [Fact]
    public void TryOpen_KernelTypes_AreCountedAndFoundByKindAndName()
    {
        Assert.Equal(BtfError.None, Btf.TryOpen(TestBtf.Kernel, out Btf btf));
        Assert.Equal(247, btf.Count);
        Assert.Equal(51u, btf.Find(Uapi.BTF_KIND_STRUCT, "task_struct"u8));
        Assert.Equal(246u, btf.Find(Uapi.BTF_KIND_FUNC, "bpf_task_from_vpid"u8));
        Assert.Equal(0u, btf.Find(Uapi.BTF_KIND_STRUCT, "bpf_task_from_vpid"u8));
        Assert.Equal(0u, btf.Find(Uapi.BTF_KIND_STRUCT, "task_struc"u8));
        Assert.Equal(0u, btf.Find(Uapi.BTF_KIND_STRUCT, "task_struct_"u8));
    }

    [Fact]
    public void TryRead_EveryId_IsTheTypeThatWasAdded()
    {
        // More than two marks' worth, of many lengths.
        TestBtf types = new();
        for (uint i = 1; i <= 100; i++)
        {
            Assert.Equal(i, i % 3 == 0 ? types.Struct("s", [.. Enumerable.Repeat(("m", 1u, 0u), (int)i)]) : i % 3 == 1 ? types.Int("i", i) : types.Pointer(i));
        }

        Assert.Equal(BtfError.None, Btf.TryOpen(types.ToArray(), out Btf btf));
        for (uint i = 1; i <= 100; i++)
        {
            Assert.True(btf.TryRead(i, out BtfType type));
            Assert.Equal(i % 3 == 0 ? 4096 : i, type.SizeOrType);
            Assert.Equal(i % 3 == 0 ? (int)i : 0, type.Count);
        }

        Assert.False(btf.TryRead(0, out _));
        Assert.False(btf.TryRead(101, out _));
        Assert.False(btf.TryRead(uint.MaxValue, out _));
    }

    [Fact]
    public void TryOpen_EveryKind_IsSteppedOver()
    {
        (uint Kind, int Words)[] kinds =
        [
            (Uapi.BTF_KIND_INT, 1), (Uapi.BTF_KIND_PTR, 0), (Uapi.BTF_KIND_ARRAY, 3), (Uapi.BTF_KIND_STRUCT, 6), (Uapi.BTF_KIND_UNION, 6),
            (Uapi.BTF_KIND_ENUM, 4), (Uapi.BTF_KIND_FWD, 0), (Uapi.BTF_KIND_TYPEDEF, 0), (Uapi.BTF_KIND_VOLATILE, 0), (Uapi.BTF_KIND_CONST, 0),
            (Uapi.BTF_KIND_RESTRICT, 0), (Uapi.BTF_KIND_FUNC, 0), (Uapi.BTF_KIND_FUNC_PROTO, 4), (Uapi.BTF_KIND_VAR, 1), (Uapi.BTF_KIND_DATASEC, 6),
            (Uapi.BTF_KIND_FLOAT, 0), (Uapi.BTF_KIND_DECL_TAG, 1), (Uapi.BTF_KIND_TYPE_TAG, 0), (Uapi.BTF_KIND_ENUM64, 6),
        ];
        foreach ((uint kind, int words) in kinds)
        {
            TestBtf types = new();
            types.Add("x", kind, 2, 0, new uint[words]);
            types.Function("following");
            Assert.Equal(BtfError.None, Btf.TryOpen(types.ToArray(), out Btf btf));
            Assert.Equal(2u, btf.Find(Uapi.BTF_KIND_FUNC, "following"u8));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(20u)]
    [InlineData(31u)]
    public void TryOpen_KindOfTheFuture_IsRefused(uint kind)
    {
        TestBtf types = new();
        types.Int("int", 4);
        types.Add("x", kind, 0, 0);
        Assert.Equal(BtfError.UnknownKind, Btf.TryOpen(types.ToArray(), out _));
    }

    [Fact]
    public void TryOpen_Header_IsCheckedBeforeAnythingIsRead()
    {
        Assert.Equal(BtfError.TooShort, Open(static data => { }, length: 23));
        Assert.Equal(BtfError.NotBtf, Open(static data => data[0] = 0x7f));
        Assert.Equal(BtfError.ByteOrder, Open(static data => (data[0], data[1]) = (data[1], data[0])));
        Assert.Equal(BtfError.Version, Open(static data => data[2] = 2));
        Assert.Equal(BtfError.Sections, Open(static data => data[4] = 23));
        Assert.Equal(BtfError.Sections, Open(static data => data[11] = 0x80));    // type_off
        Assert.Equal(BtfError.Sections, Open(static data => data[15] = 0x80));    // type_len
        Assert.Equal(BtfError.Sections, Open(static data => data[19] = 0xff));    // str_off
        Assert.Equal(BtfError.Sections, Open(static data => data[23] = 0xff));    // str_len
        Assert.Equal(BtfError.None, Open(static data => data[3] = 0xff));         // flags that we do not know
    }

    [Fact]
    public void TryOpen_LongerHeader_IsSteppedOver()
    {
        byte[] kernel = TestBtf.Kernel;
        byte[] longer = [.. kernel.AsSpan(0, 24), 1, 2, 3, 4, 5, 6, 7, 8, .. kernel.AsSpan(24)];
        longer[4] = 32;
        Assert.Equal(BtfError.None, Btf.TryOpen(longer, out Btf btf));
        Assert.Equal(51u, btf.Find(Uapi.BTF_KIND_STRUCT, "task_struct"u8));
    }

    [Fact]
    public void TryOpen_MoreTypesThanTheKernelAllows_IsRefused()
    {
        TestBtf types = new();
        for (int i = 0; i <= 0xfffff; i++)
        {
            types.Pointer();
        }

        Assert.Equal(BtfError.TooManyTypes, Btf.TryOpen(types.ToArray(), out _));
    }

    private static BtfError Open(Action<byte[]> damage, int? length = null)
    {
        byte[] data = (byte[])TestBtf.Kernel.Clone();
        damage(data);
        return Btf.TryOpen(data.AsSpan(0, length ?? data.Length), out _);
    }
}
