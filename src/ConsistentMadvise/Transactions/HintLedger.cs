using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise;

/// <summary>Carries a plan through calls of <c>process_madvise(2)</c> and keeps the exact account of what each did. Allocates nothing while it works.</summary>
/// <remarks>
/// The kernel counts whole ranges before the one that failed, and hides that one's error behind the count: it shows when asked again from
/// there. A range that fails is then the first of the call, is recorded, and passed over.
/// </remarks>
internal sealed class HintLedger
{
    private readonly HintPlan _plan;
    private readonly PlanRemainder _remainder;
    private readonly AddressRange[] _ranges;
    private readonly ulong[] _advised;
    private readonly Errno[] _errors;
    private readonly iovec[] _vector = GC.AllocateArray<iovec>(BatchCutter.MaxRanges, pinned: true);
    private BatchCursor _cursor;
    private int _count;
    private ulong _bytes;

    public HintLedger(HintPlan plan, PlanRemainder remainder)
    {
        _plan = plan;
        _remainder = remainder;
        _ranges = plan.RangeArray;
        _advised = new ulong[_ranges.Length];
        _errors = new Errno[_ranges.Length];
    }

    public bool IsDone => _cursor.Range >= _ranges.Length;

    /// <summary>Whether any call was made: from then on the target is not as it was.</summary>
    public bool IsTouched { get; private set; }

    public ulong BytesAdvised { get; private set; }

    /// <summary>Whether anything may have been advised: of a range with a hole the kernel advises what is mapped, and counts nothing.</summary>
    public bool HasAdvised => BytesAdvised > 0 || _errors.AsSpan().Contains(Errno.ENOMEM);

    /// <summary>What the next call carries.</summary>
    public ReadOnlySpan<iovec> Batch => _vector.AsSpan(0, _count);

    /// <summary>Bytes of <see cref="Batch"/>.</summary>
    public ulong BatchBytes => _bytes;

    /// <summary>Runs the code of <see cref="Cut"/> and <see cref="Record"/>, and forgets it: nothing is to be compiled while a target is frozen.</summary>
    public void Rehearse()
    {
        Cut(ulong.MaxValue);
        Record(Errno.None, (long)_bytes);
        _cursor = default;
        Record(Errno.EINVAL, -1);
        _cursor = default;
        _advised.AsSpan().Clear();
        _errors.AsSpan().Clear();
        BytesAdvised = 0;
        IsTouched = false;
        BeginWindow(mayDrop: false);
        SkipDropped();
    }

    /// <summary>A window begins: what was advised before it need not be there any more.</summary>
    /// <param name="mayDrop">Whether what has changed is dropped, once part of the plan was advised.</param>
    public void BeginWindow(bool mayDrop)
    {
        _remainder.AdvanceTo(_plan.VmaOfRange[_cursor.Range]);
        _remainder.MayDrop = mayDrop && IsTouched;
    }

    /// <summary>Passes over the ranges of VMAs that were dropped.</summary>
    public void SkipDropped()
    {
        while (!IsDone && IsDropped(_cursor.Range))
        {
            _cursor = new BatchCursor(_cursor.Range + 1, 0);
        }
    }

    /// <summary>Cuts the next batch from where the last call stopped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Cut(ulong maxBytes) => _count = BatchCutter.Cut(_ranges.AsSpan(0, EndOfHeld()), _cursor, _vector, maxBytes, out _bytes);

    /// <summary>Records what the call with <see cref="Batch"/> returned. False when no further call can succeed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Record(Errno errno, long advised)
    {
        IsTouched = true;
        if (errno.Ok && advised > 0)
        {
            Credit((ulong)advised);
            SkipDropped();
            return true;
        }

        _errors[_cursor.Range] = errno;
        if (errno == Errno.ESRCH || errno == Errno.EPERM || errno == Errno.EACCES)
        {
            return false;
        }

        _cursor = BatchCutter.Advance(_ranges, _cursor, (ulong)_vector[0].iov_len);
        SkipDropped();
        return true;
    }

    /// <summary>The account, range by range; <paramref name="isComplete"/> when every one was advised as a whole.</summary>
    public RangeOutcome[] Close(out bool isComplete)
    {
        RangeOutcome[] outcomes = new RangeOutcome[_ranges.Length];
        isComplete = true;
        for (int i = 0; i < _ranges.Length; i++)
        {
            outcomes[i] = new RangeOutcome(_ranges[i], StatusOf(i), _advised[i], _errors[i].Value);
            isComplete &= outcomes[i].Status == RangeStatus.Advised;
        }

        return outcomes;
    }

    private void Credit(ulong advised)
    {
        BytesAdvised += advised;
        BatchCursor end = BatchCutter.Advance(_ranges, _cursor, advised);
        for (int i = _cursor.Range; i < _ranges.Length && i <= end.Range && advised > 0; i++)
        {
            ulong from = i == _cursor.Range ? _cursor.Offset : 0;
            ulong part = Math.Min(_ranges[i].Length - from, advised);
            _advised[i] += part;
            advised -= part;
        }

        _cursor = end;
    }

    private bool IsDropped(int range) => _remainder.HasDropped && _remainder.IsDropped(_plan.VmaOfRange[range]);

    /// <summary>The first range at or behind the cursor that was dropped: a call must not reach it.</summary>
    private int EndOfHeld()
    {
        int end = _remainder.HasDropped ? _cursor.Range : _ranges.Length;
        while (end < _ranges.Length && !IsDropped(end))
        {
            end++;
        }

        return end;
    }

    private RangeStatus StatusOf(int range)
    {
        Errno errno = _errors[range];
        if (!errno.Ok)
        {
            return errno == Errno.ENOMEM || _advised[range] != 0 ? RangeStatus.Incomplete
                : errno == Errno.EINVAL ? RangeStatus.Skipped
                : RangeStatus.Failed;
        }

        return _advised[range] == _ranges[range].Length ? RangeStatus.Advised
            : IsDropped(range) ? RangeStatus.Stale
            : _advised[range] == 0 ? RangeStatus.NotAttempted
            : RangeStatus.Incomplete;
    }
}
