using System.IO.Hashing;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class MapsHasherTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    public void Hash_TextOfAnyLength_AgreesWithTheReader(int repeats)
    {
        byte[] text = [.. Enumerable.Repeat(TestLayout.Fixture("hostile"), repeats).SelectMany(static b => b)];
        using TextFile file = new(text);
        Assert.Equal(Errno.None, new MapsHasher().Hash(file.Descriptor, out UInt128 hash, out int vmas));
        Assert.Equal(XxHash128.HashToUInt128(text), hash);
        (VmaTable table, UInt128 read) = TestLayout.Read(text);
        Assert.Equal((table.Count, read), (vmas, hash));
    }

    [Fact]
    public void Hash_SecondText_ForgetsTheFirst()
    {
        MapsHasher hasher = new();
        using TextFile first = new(TestLayout.Fixture("sh"));
        using TextFile second = new(TestLayout.Fixture("node"));
        hasher.Hash(first.Descriptor, out UInt128 ofFirst, out _);
        hasher.Hash(second.Descriptor, out UInt128 ofSecond, out _);
        Assert.NotEqual(ofFirst, ofSecond);
        Assert.Equal(XxHash128.HashToUInt128(TestLayout.Fixture("node")), ofSecond);
    }

    [Fact]
    public void Hash_Text_AllocatesNothing()
    {
        MapsHasher hasher = new();
        using TextFile file = new(TestLayout.Fixture("dotnet"));
        hasher.Hash(file.Descriptor, out UInt128 warm, out _);
        Kernel.Rewind(file.Descriptor);
        long before = GC.GetAllocatedBytesForCurrentThread();
        hasher.Hash(file.Descriptor, out UInt128 hash, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(warm, hash);
    }

    [Fact]
    public void Hash_NoDescriptor_ReturnsItsErrno()
    {
        Assert.Equal(Errno.EBADF, new MapsHasher().Hash(new SafeDescriptor(), out UInt128 hash, out int vmas));
        Assert.Equal((default, 0), (hash, vmas));
    }
}
