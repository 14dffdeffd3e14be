using System.IO.Hashing;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compares a plan that was read from JSON with the live text, line by line, once, before any of its claims is trusted.</summary>
/// <remarks>
/// A token proves only that its holder has seen a token; anyone can write the ranges next to it. Once each planned VMA was found in the text with its planned range
/// and, for <see cref="LayoutMatch.Layout"/>, the text hashed to the token, an unmoved sequence, an equal hash or an equal line
/// stands for the plan from then on. The text is always read to its end, and there is one answer for the whole plan: not even the time reveals which line was missing.
/// </remarks>
internal sealed class PlanProof(ProcessTarget target, HintPlan plan, LayoutMatch match, TransactionScratch scratch)
{
    private readonly XxHash128 _hash = new();
    private readonly LineLimit _limit = new(target);
    private bool _isThere;
    private int _next;
    private int _lines;

    /// <summary>Reads twice before it calls a plan stale: a read of a running process may miss a line that never went away.</summary>
    public RecheckResult Run()
    {
        RecheckResult result = Read();
        return result.Kind is RecheckKind.Changed or RecheckKind.Gone ? Read() : result;
    }

    private RecheckResult Read()
    {
        RecheckResult opened = FreshMaps.Open(target, out LocalFile maps);
        using (maps)
        {
            return opened.IsSame ? Compare(in maps) : opened;
        }
    }

    private RecheckResult Compare(in LocalFile maps)
    {
        _hash.Reset();
        _isThere = true;
        _next = _lines = 0;
        int kept = 0;
        while (true)
        {
            Errno errno = Kernel.Read(in maps, scratch.Text.AsSpan(kept), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count == 0)
            {
                return !errno.Ok || _lines == 0 ? RecheckResult.Unreadable(target, errno) : Conclude();
            }

            int filled = kept + count;
            int taken = CompareLines(scratch.Text.AsSpan(0, filled));
            _hash.Append(scratch.Text.AsSpan(0, taken));
            if (_limit.IsExceeded(_lines))
            {
                return RecheckResult.Unsettled;
            }

            kept = filled - taken;
            scratch.Text.AsSpan(taken, kept).CopyTo(scratch.Text);
            if (kept > scratch.Text.Length / 2)
            {
                scratch.GrowText(kept);
            }
        }
    }

    private int CompareLines(ReadOnlySpan<byte> text)
    {
        int taken = 0;
        for (int length; (length = text[taken..].IndexOf((byte)'\n')) >= 0; taken += length + 1)
        {
            ReadOnlySpan<byte> line = text.Slice(taken, length), rest = line;
            _lines++;
            if (HexText.TryRead(ref rest, (byte)'-', out ulong start) && HexText.TryRead(ref rest, (byte)' ', out ulong end))
            {
                Find(new AddressRange(start, end), line);
            }
        }

        return taken;
    }

    private void Find(AddressRange range, ReadOnlySpan<byte> line)
    {
        for (; _next < plan.Vmas.Length && plan.Vmas[_next].Range.Start <= range.Start; _next++)
        {
            // The range is compared too: otherwise, one known line and its hash would allow a VMA of any size.
            _isThere &= plan.Vmas[_next].Range == range && plan.Vmas[_next].LineHash == MapsLineHash.Of(line);
        }
    }

    private RecheckResult Conclude()
    {
        bool isText = match != LayoutMatch.Layout || (_lines == plan.Token.VmaCount && _hash.GetCurrentHashAsUInt128() == plan.Token.Hash);
        return _isThere && _next == plan.Vmas.Length && isText ? RecheckResult.Same : RecheckResult.Changed;
    }
}
