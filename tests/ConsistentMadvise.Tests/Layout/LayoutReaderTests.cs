using System.IO.Hashing;
using System.IO.Pipes;
using System.Text;
using ConsistentMadvise.Interop;
using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise.Tests;

public sealed class LayoutReaderTests
{
    /// <summary>What the reader asks its pipe for; a text that is longer is cut there, at whatever byte that is.</summary>
    private const int SegmentBytes = 64 * 1024;

    [Theory]
    [MemberData(nameof(TestLayout.Fixtures), MemberType = typeof(TestLayout))]
    public async Task ReadAsync_Fixture_GivesEveryLineAndTheHashOfTheText(string fixture) => await ReadAndCompare(TestLayout.Fixture(fixture));

    [Fact]
    public async Task ReadAsync_SegmentEndsAtAnyByteOfALine_GivesTheSame()
    {
        byte[] block = TestLayout.Fixture("dotnet");
        byte[] text = [.. Enumerable.Repeat(block, 4).SelectMany(static b => b)];
        for (int shift = 0; shift < 250; shift++)
        {
            string first = "00001000-00002000 r--p 00000000 fe:00 7                                  /" + new string('n', shift);
            byte[] shifted = [.. TestLayout.Text(first), .. text];
            Assert.True(shifted.Length > SegmentBytes);
            await ReadAndCompare(shifted);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task ReadAsync_PipeThatDeliversTornPieces_GivesTheSame(int seed)
    {
        byte[] text = TestLayout.Fixture("hostile");
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        Assert.Equal(Errno.None, Kernel.Open(Encoding.UTF8.GetBytes($"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}\0"), Uapi.O_RDONLY, out SafeDescriptor end));
        using SafeDescriptor opened = end;
        Task writing = Task.Run(() => WritePieces(pipe.ClientSafePipeHandle, text, new Random(seed)));
        (Errno errno, VmaTable vmas, UInt128 hash) = await Task.Run(async () =>
            await new LayoutReader().ReadAsync(end, CancellationToken.None));
        await writing;
        Assert.Equal(Errno.None, errno);
        Compare(text, vmas, hash);
    }

    [Theory]
    [InlineData(SegmentBytes - 200)]
    [InlineData(SegmentBytes)]
    [InlineData(5 * SegmentBytes)]
    public async Task ReadAsync_LineLongerThanASegment_IsJoined(int nameLength)
    {
        string head = "00400000-00401000 r--p 00000000 fe:00 7                                  /";
        await ReadAndCompare([.. TestLayout.Fixture("sh"), .. TestLayout.Text(head + new string('n', nameLength)), .. TestLayout.Fixture("node")]);
    }

    [Fact]
    public async Task ReadAsync_MoreThanOneTurnOfText_GivesTheSame()
    {
        byte[] text = [.. Enumerable.Repeat(TestLayout.Fixture("dotnet"), 100).SelectMany(static b => b)];
        Assert.True(text.Length > 2_000_000);
        await ReadAndCompare(text);
    }

    [Fact]
    public async Task ReadAsync_EmptyText_IsAnEmptyTable()
    {
        (Errno errno, VmaTable vmas, UInt128 hash) = await Read([]);
        Assert.Equal((Errno.None, 0, XxHash128.HashToUInt128([])), (errno, vmas.Count, hash));
    }

    [Fact]
    public async Task ReadAsync_TextEndsInsideALine_KeepsTheWholeLinesAndHashesAll()
    {
        byte[] text = [.. TestLayout.Fixture("sh"), .. "00400000-0040"u8];
        (_, VmaTable vmas, UInt128 hash) = await Read(text);
        Assert.Equal(TestLayout.Read(TestLayout.Fixture("sh")).Vmas.Count, vmas.Count);
        Assert.Equal(XxHash128.HashToUInt128(text), hash);
    }

    [Fact]
    public async Task ReadAsync_UnreadableLine_NamesItAndTheReaderCanBeUsedAgain()
    {
        LayoutReader reader = new();
        using TextFile bad = new([.. TestLayout.Fixture("sh"), .. "not a line\n"u8]);
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ReadAsync(bad.Descriptor, CancellationToken.None));
        Assert.Contains("'not a line'", e.Message, StringComparison.Ordinal);
        await ReadAndCompare(TestLayout.Fixture("sh"), reader);
    }

    [Fact]
    public async Task ReadAsync_Cancelled_StopsAndTheReaderCanBeUsedAgain()
    {
        LayoutReader reader = new();
        using TextFile file = new([.. Enumerable.Repeat(TestLayout.Fixture("dotnet"), 10).SelectMany(static b => b)]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadAsync(file.Descriptor, new CancellationToken(canceled: true)));
        await ReadAndCompare(TestLayout.Fixture("sh"), reader);
    }

    [Fact]
    public async Task ReadAsync_NoDescriptor_ReturnsItsErrno()
    {
        (Errno errno, VmaTable vmas, _) = await new LayoutReader().ReadAsync(new SafeDescriptor(), CancellationToken.None);
        Assert.Equal((Errno.EBADF, 0), (errno, vmas.Count));
    }

    private static async Task ReadAndCompare(byte[] text, LayoutReader? reader = null)
    {
        (Errno errno, VmaTable vmas, UInt128 hash) = await Read(text, reader);
        Assert.Equal(Errno.None, errno);
        Compare(text, vmas, hash);
    }

    private static async Task<(Errno, VmaTable, UInt128)> Read(byte[] text, LayoutReader? reader = null)
    {
        using TextFile file = new(text);
        return await (reader ?? new LayoutReader()).ReadAsync(file.Descriptor, CancellationToken.None);
    }

    private static void Compare(byte[] text, VmaTable vmas, UInt128 hash)
    {
        List<byte[]> lines = TestLayout.Lines(text);
        Assert.Equal(lines.Count, vmas.Count);
        for (int i = 0; i < lines.Count; i++)
        {
            byte[] line = TestLayout.Line(new Vma(in vmas[i], vmas.Names));
            Assert.True(line.AsSpan().SequenceEqual(lines[i]), $"line {i}: {Encoding.Latin1.GetString(line)} instead of {Encoding.Latin1.GetString(lines[i])}");
        }

        Assert.Equal(XxHash128.HashToUInt128(text), hash);
    }

    private static void WritePieces(SafePipeHandle end, byte[] text, Random random)
    {
        using AnonymousPipeClientStream writer = new(PipeDirection.Out, end);
        for (int at = 0; at < text.Length;)
        {
            int length = Math.Min(text.Length - at, random.Next(1, random.Next(2) == 0 ? 5 : 900));
            writer.Write(text, at, length);
            at += length;
        }
    }
}
