using ConsistentMadvise.Fuzz;
using ConsistentMadvise.Interop;
using CsCheck;

namespace ConsistentMadvise.Tests;

/// <summary>What the fuzzer rests on: texts that are read in pieces are, and the pieces are the text.</summary>
public sealed class PiecesTests
{
    [Fact]
    public void Cut_AnyLength_GivesPiecesThatAPipeHolds() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 20], Gen.Int[0, 200_000], Gen.Int[1_000_000, TextDescriptor.MaxPieces * TextDescriptor.MaxPieceBytes]), Gen.Int).Sample(static (length, seed) =>
        {
            List<int> pieces = Pieces.Cut(length, new Random(seed));
            Assert.Equal(length, pieces.Sum());
            Assert.InRange(pieces.Count, 0, TextDescriptor.MaxPieces);
            Assert.All(pieces, static piece => Assert.InRange(piece, 1, TextDescriptor.MaxPieceBytes));
        }, iter: 500);

    [Fact]
    public void Cut_ShortTextManyTimes_CutsInEveryPlace()
    {
        Random random = new(20260131);
        HashSet<int> places = [.. Enumerable.Range(0, 2_000).Select(_ => Pieces.Cut(50, random)[0])];
        Assert.Equal(Enumerable.Range(1, 49), places.Order().Intersect(Enumerable.Range(1, 49)));
    }

    [Fact]
    public void OfPieces_EachRead_ReturnsOnePiece()
    {
        byte[] text = [.. Enumerable.Range(0, 100).Select(static i => (byte)i)];
        int[] lengths = [1, 60, 39];
        using TextDescriptor pieces = TextDescriptor.OfPieces(text, [.. lengths]);
        byte[] buffer = new byte[200];
        List<byte> read = [];
        foreach (int length in lengths)
        {
            Assert.Equal(Errno.None, Kernel.Read(pieces.Descriptor, buffer, out int count));
            Assert.Equal(length, count);
            read.AddRange(buffer[..count]);
        }

        Assert.Equal(text, read);
        Assert.Equal(Errno.None, Kernel.Read(pieces.Descriptor, buffer, out int end));
        Assert.Equal(0, end);
    }
}
