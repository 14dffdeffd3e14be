using System.IO.Hashing;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="LayoutMatch.Ranges"/> by the text: the lines of the planned VMAs must be present; other lines are skipped.</summary>
[RunsFrozen]
internal sealed class RangesTextRecheck(ProcessTarget target, HintPlan plan, PlanRemainder remainder, AddressSpace? space, TransactionScratch scratch) : IRecheck
{
    /// <summary>With less room than this, a read might return part of a line, and the rest would be read at another moment.</summary>
    private const int MinimumRoom = 16 * 1024;

    private readonly LineLimit _limit = new(target);
    private bool _mayDrop;
    private int _next;
    private int _lines;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run(bool mayDrop)
    {
        RecheckResult result = FreshMaps.Open(target, out LocalFile maps);
        using (maps)
        {
            return result.IsSame ? FreshMaps.Confirm(space, Compare(in maps, mayDrop)) : result;
        }
    }

    public RecheckResult LookAgain() => Run(mayDrop: false);

    /// <summary>Reads a text from the descriptor's position to the end, and compares its lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal RecheckResult Compare(in LocalFile maps, bool mayDrop)
    {
        _mayDrop = mayDrop;
        _next = remainder.First;
        _lines = 0;
        int kept = 0;
        long total = 0;
        while (true)
        {
            Errno errno = Kernel.Read(in maps, scratch.Text.AsSpan(kept), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count == 0)
            {
                return !errno.Ok || total == 0 ? RecheckResult.Unreadable(target, errno)
                    : TryDropRest() ? RecheckResult.Same
                    : RecheckResult.Changed;
            }

            total += count;
            int filled = kept + count;
            int compared = CompareLines(scratch.Text.AsSpan(0, filled));
            if (compared < 0)
            {
                return RecheckResult.Changed;
            }

            if (_next >= plan.Vmas.Length)
            {
                return RecheckResult.Same; // the rest is not planned
            }

            // A running process may map ahead of its reader without end; a frozen one has a bounded number of lines.
            if (_limit.IsExceeded(_lines))
            {
                return RecheckResult.Unsettled;
            }

            kept = filled - compared;
            scratch.Text.AsSpan(compared, kept).CopyTo(scratch.Text);
            if (scratch.Text.Length - kept < MinimumRoom)
            {
                // The length of a line has no bound. The precheck grows the buffer, so that it is large enough in the frozen window.
                scratch.GrowText(kept);
            }
        }
    }

    /// <summary>Compares whole lines and returns their length in bytes; -1 if a planned VMA is missing.</summary>
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
            _lines++;
            ReadOnlySpan<byte> rest = line;
            if (_next < plan.Vmas.Length && HexText.TryRead(ref rest, (byte)'-', out ulong start) && start >= plan.Vmas[_next].Range.Start && !Find(start, line))
            {
                return -1;
            }
        }
    }

    /// <summary>Compares a line with the planned VMAs. Drops those that the line shows to be gone; returns false if they must not be dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Find(ulong start, ReadOnlySpan<byte> line)
    {
        UInt128 hash = XxHash128.HashToUInt128(line);
        while (_next < plan.Vmas.Length && start >= plan.Vmas[_next].Range.Start)
        {
            bool isFound = start == plan.Vmas[_next].Range.Start && hash == plan.Vmas[_next].LineHash;
            if (!isFound && !TryDrop())
            {
                return false;
            }

            _next = remainder.NextFrom(_next + 1);
        }

        return true;
    }

    private bool TryDrop()
    {
        if (_mayDrop)
        {
            remainder.Drop(_next);
        }

        return _mayDrop;
    }

    /// <summary>At the end of the text, VMAs that were not found are gone.</summary>
    private bool TryDropRest()
    {
        while (_next < plan.Vmas.Length)
        {
            if (!TryDrop())
            {
                return false;
            }

            _next = remainder.NextFrom(_next + 1);
        }

        return true;
    }
}
