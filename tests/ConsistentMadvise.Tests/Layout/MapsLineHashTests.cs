using System.Text;

namespace ConsistentMadvise.Tests;

public sealed class MapsLineHashTests
{
    [Theory]
    [MemberData(nameof(TestLayout.Fixtures), MemberType = typeof(TestLayout))]
    public void Of_RecordOfProcess_IsTheHashOfItsLine(string fixture)
    {
        byte[] text = TestLayout.Fixture(fixture);
        LayoutSnapshot layout = TestLayout.FromText(text);
        Assert.Equal(TestLayout.Lines(text).Select(static line => MapsLineHash.Of(line)), layout.Select(static vma => MapsLineHash.Of(in vma.Record, vma.NameBytes)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3990)]
    [InlineData(3991)]
    [InlineData(3992)]
    [InlineData(100_000)]
    public void Of_NameOfAnyLength_IsTheHashOfItsLine(int length)
    {
        VmaRecord vma = new() { Start = 0x1000, End = 0x2000 };
        byte[] name = Encoding.ASCII.GetBytes(new string('n', length));
        Assert.Equal(MapsLineHash.Of(TestLayout.Line(in vma, name)), MapsLineHash.Of(in vma, name));
    }

    [Fact]
    public void Of_AnotherPermissionOrName_IsAnotherHash()
    {
        VmaRecord vma = new() { Start = 0x1000, End = 0x2000 };
        UInt128 hash = MapsLineHash.Of(in vma, "/a"u8);
        Assert.NotEqual(hash, MapsLineHash.Of(in vma, "/b"u8));
        vma.Permissions = VmaPermissions.Read;
        Assert.NotEqual(hash, MapsLineHash.Of(in vma, "/a"u8));
    }

    [Fact]
    public void Of_Record_AllocatesNothing()
    {
        VmaRecord vma = new() { Start = 0x1000, End = 0x2000 };
        UInt128 hash = MapsLineHash.Of(in vma, "/warm"u8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        hash ^= MapsLineHash.Of(in vma, "/name"u8);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(default, hash);
    }
}
