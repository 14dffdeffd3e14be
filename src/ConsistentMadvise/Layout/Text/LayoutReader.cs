using System.Buffers;
using System.IO.Hashing;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads one maps text into records and a hash, through a pipe that joins lines split between reads.</summary>
internal sealed class LayoutReader
{
    private const int SegmentBytes = 64 * 1024;

    /// <summary>With less free space, a read might return part of a line and the next read the rest, at another moment.</summary>
    private const int MinimumRoom = 16 * 1024;

    /// <summary>After this much text the reader yields its thread: about 3 ms of reading.</summary>
    private const int BytesPerTurn = 1024 * 1024;

    private static readonly PipeOptions Options = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0,
        minimumSegmentSize: SegmentBytes,
        useSynchronizationContext: false);

    private readonly Pipe _pipe = new(Options);
    private readonly XxHash128 _hash = new();
    private byte[] _longLine = [];

    /// <summary>Reads through a fresh descriptor, which shows the process's current address space.</summary>
    /// <exception cref="TargetException">It cannot be read, or the text has more lines than the target can have VMAs.</exception>
    public async ValueTask<(Errno Errno, VmaTable Vmas, UInt128 Hash)> ReadFreshAsync(ProcessTarget target, CancellationToken cancellationToken)
    {
        using SafeDescriptor maps = MapsFile.Open(target);
        return await ReadAsync(maps, cancellationToken, new LineLimit(target)).ConfigureAwait(false);
    }

    /// <summary>Reads from the descriptor's position to the end.</summary>
    /// <returns>The errno; <see cref="Errno.ESRCH"/> with an empty table if the address space is gone.</returns>
    public async ValueTask<(Errno Errno, VmaTable Vmas, UInt128 Hash)> ReadAsync(SafeDescriptor maps, CancellationToken cancellationToken, LineLimit? limit = null)
    {
        VmaTable vmas = new();
        _hash.Reset();
        int sinceTurn = 0;
        Errno errno;
        try
        {
            while (true)
            {
                int filled = Fill(maps, out errno, out bool atEnd);
                await _pipe.Writer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                Drain(vmas);
                if (atEnd)
                {
                    break;
                }

                cancellationToken.ThrowIfCancellationRequested();
                limit?.Check(vmas.Count);
                sinceTurn += filled;
                if (sinceTurn >= BytesPerTurn)
                {
                    sinceTurn = 0;
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }
            }
        }
        finally
        {
            await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
            _pipe.Reset();
        }

        return (errno, vmas, _hash.GetCurrentHashAsUInt128());
    }

    /// <summary>Reads until the segment cannot take another whole read.</summary>
    private int Fill(SafeDescriptor maps, out Errno errno, out bool atEnd)
    {
        Span<byte> free = _pipe.Writer.GetSpan(MinimumRoom);
        int filled = 0;
        errno = Errno.None;
        atEnd = false;
        while (!atEnd && free.Length - filled >= MinimumRoom)
        {
            errno = Kernel.Read(maps, free[filled..], out int count);
            atEnd = count == 0 || (!errno.Ok && errno != Errno.EINTR);
            filled += Math.Max(count, 0);
        }

        _hash.Append(free[..filled]);
        _pipe.Writer.Advance(filled);
        return filled;
    }

    private void Drain(VmaTable vmas)
    {
        if (!_pipe.Reader.TryRead(out ReadResult result))
        {
            return;
        }

        ReadOnlySequence<byte> text = result.Buffer;
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> first = text.FirstSpan;
            int parsed = ParseLines(first, vmas);
            text = text.Slice(parsed);
            if (parsed < first.Length)
            {
                // The segment ends inside a line.
                if (text.PositionOf((byte)'\n') is not { } end)
                {
                    break;
                }

                ParseLines(Join(text.Slice(0, text.GetPosition(1, end))), vmas);
                text = text.Slice(text.GetPosition(1, end));
            }
        }

        _pipe.Reader.AdvanceTo(text.Start, text.End);
    }

    private ReadOnlySpan<byte> Join(ReadOnlySequence<byte> line)
    {
        if (_longLine.Length < line.Length)
        {
            _longLine = new byte[line.Length];
        }

        line.CopyTo(_longLine);
        return _longLine.AsSpan(0, (int)line.Length);
    }

    /// <summary>Parses whole lines; returns the bytes they take.</summary>
    /// <remarks>Optimized at once: a caller's first captures may be of the largest processes.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ParseLines(ReadOnlySpan<byte> text, VmaTable vmas)
    {
        int parsed = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = text[parsed..];
            ref VmaRecord record = ref vmas.Next();
            if (MapsLine.TryParseAnonymous(rest, ref record, out int length))
            {
                vmas.Keep(ref record, []);
                parsed += length;
                continue;
            }

            length = rest.IndexOf((byte)'\n');
            if (length < 0)
            {
                return parsed;
            }

            ReadOnlySpan<byte> line = rest[..length];
            MapsLineError error = MapsLine.TryParse(line, ref record);
            if (error != MapsLineError.None)
            {
                throw new InvalidDataException($"Cannot parse a maps line ({error}): '{System.Text.Encoding.UTF8.GetString(line)}'.");
            }

            vmas.Keep(ref record, line.Slice(record.NameStart, record.NameLength));
            parsed += length + 1;
        }
    }
}
