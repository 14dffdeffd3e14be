using System.Diagnostics;
using ConsistentMadvise.Interop;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ConsistentMadvise.Fuzz;

/// <summary>A text that a file descriptor reads: as a file, or in pieces of which a read returns one, as a read of maps returns at most a page.</summary>
internal sealed unsafe class TextDescriptor : IDisposable
{
    /// <summary>The packets that a pipe holds once its size is what <c>/proc/sys/fs/pipe-max-size</c> is unless changed: one page each.</summary>
    public const int MaxPieces = 256;

    public const int MaxPieceBytes = 4096;

    private TextDescriptor(int descriptor) => Descriptor = SafeDescriptor.Own(descriptor);

    public SafeDescriptor Descriptor { get; }

    public static TextDescriptor OfFile(ReadOnlySpan<byte> text)
    {
        fixed (byte* name = "text"u8)
        fixed (byte* bytes = text)
        {
            int file = Checked(memfd_create(name, MFD_CLOEXEC));
            Write(file, bytes, text.Length);
            Checked((int)lseek(file, 0, SEEK_SET));
            return new TextDescriptor(file);
        }
    }

    /// <param name="text">The text.</param>
    /// <param name="lengths">The lengths of the pieces; their sum is the length of the text.</param>
    public static TextDescriptor OfPieces(ReadOnlySpan<byte> text, List<int> lengths)
    {
        Debug.Assert(lengths.Count <= MaxPieces && lengths.TrueForAll(static length => length is > 0 and <= MaxPieceBytes));
        int* ends = stackalloc int[2];
        Checked(pipe2(ends, O_CLOEXEC | O_DIRECT));
        Checked(fcntl(ends[1], F_SETPIPE_SZ, MaxPieces * MaxPieceBytes));
        fixed (byte* bytes = text)
        {
            byte* at = bytes;
            foreach (int length in lengths)
            {
                Write(ends[1], at, length);
                at += length;
            }
        }

        Checked(close(ends[1]));
        return new TextDescriptor(ends[0]);
    }

    public void Dispose() => Descriptor.Dispose();

    private static void Write(int descriptor, byte* bytes, int length) =>
        Oracle.Same(length, Checked((int)(long)write(descriptor, bytes, (size_t)length)));

    private static int Checked(int result) => result >= 0 ? result : throw new InvalidOperationException($"The system refused: {errno}.");
}
