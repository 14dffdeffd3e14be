using System.IO.Hashing;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="LayoutMatch.Ranges"/> by the text: the lines of the planned VMAs must be there; the others are passed over.</summary>
internal sealed class RangesTextRecheck(ProcessTarget target, HintPlan plan, PlanRemainder remainder) : IRecheck
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Below this much room a read might return part of a line, whose rest is read at another moment.</summary>
    private const int MinimumRoom = 16 * 1024;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private int _next;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run()
    {
        RecheckResult opened = FreshMaps.Open(target, out int maps);
        if (opened != RecheckResult.Same)
        {
            return opened;
        }

        RecheckResult result = Compare(maps);
        Kernel.Close(maps);
        return result is RecheckResult.Same or RecheckResult.Changed && !FreshMaps.IsHeld(plan) ? RecheckResult.Replaced : result;
    }

    public bool HasMoved() => Run() is RecheckResult.Changed or RecheckResult.Replaced;

    /// <summary>Reads a text from the descriptor's position to the end, and compares its lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal RecheckResult Compare(int maps)
    {
        _next = remainder.First;
        int kept = 0;
        long total = 0;
        while (true)
        {
            Errno errno = Kernel.Read(maps, _buffer.AsSpan(kept), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count == 0)
            {
                return !errno.Ok || total == 0 ? FreshMaps.Explain(errno)
                    : TryDropRest() ? RecheckResult.Same
                    : RecheckResult.Changed;
            }

            total += count;
            int filled = kept + count;
            int compared = CompareLines(_buffer.AsSpan(0, filled));
            if (compared < 0)
            {
                return RecheckResult.Changed;
            }

            kept = filled - compared;
            _buffer.AsSpan(compared, kept).CopyTo(_buffer);
            if (_buffer.Length - kept < MinimumRoom)
            {
                // Lines have no bound. The precheck grows the buffer, so that the frozen window finds it large enough.
                byte[] larger = GC.AllocateUninitializedArray<byte>(_buffer.Length * 2, pinned: true);
                _buffer.AsSpan(0, kept).CopyTo(larger);
                _buffer = larger;
            }
        }
    }

    /// <summary>Compares whole lines and returns the bytes they take; -1 when a planned VMA is not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int CompareLines(ReadOnlySpan<byte> text)
    {
        int taken = 0;
        while (true)
        {
            int length = text[taken..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return taken;
            }

            ReadOnlySpan<byte> line = text.Slice(taken, length);
            taken += length + 1;
            ReadOnlySpan<byte> rest = line;
            if (_next < plan.Vmas.Length && HexText.TryRead(ref rest, (byte)'-', out ulong start) && start >= plan.Vmas[_next].Range.Start && !Find(start, line))
            {
                return -1;
            }
        }
    }

    /// <summary>Finds a planned VMA in its line. Those that the line shows to be gone are dropped; false when they must not be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Find(ulong start, ReadOnlySpan<byte> line)
    {
        UInt128 hash = XxHash128.HashToUInt128(line);
        while (_next < plan.Vmas.Length && start >= plan.Vmas[_next].Range.Start)
        {
            bool isFound = start == plan.Vmas[_next].Range.Start && hash == plan.Vmas[_next].LineHash;
            if (!isFound && !remainder.TryDrop(_next))
            {
                return false;
            }

            _next = remainder.NextFrom(_next + 1);
        }

        return true;
    }

    /// <summary>The text has ended: what was not found is not there.</summary>
    private bool TryDropRest()
    {
        while (_next < plan.Vmas.Length)
        {
            if (!remainder.TryDrop(_next))
            {
                return false;
            }

            _next = remainder.NextFrom(_next + 1);
        }

        return true;
    }
}
