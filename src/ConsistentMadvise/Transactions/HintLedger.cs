using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise;

/// <summary>Carries a plan through calls of <c>process_madvise(2)</c>, and records exactly what each call did. Allocates nothing while it works.</summary>
/// <remarks>
/// The kernel counts the whole ranges before the one that failed, and the count hides the error: it shows when the call is repeated from
/// there. The failed range is then the first of the call; it is recorded, and passed over. Collapsed memory is counted in huge pages: only the huge page that
/// failed is passed over.
/// </remarks>
[RunsFrozen]
internal sealed class HintLedger
{
    private readonly HintPlan _plan;
    private readonly PlanRemainder _remainder;
    private AddressRange[] _ranges;
    private int[]? _origins;
    private ulong[] _advised;
    private Errno[] _errors;
    private readonly ulong _unit;
    private readonly iovec[] _vector;
    private BatchCursor _cursor;
    private BatchCursor _pendingEnd;
    private int _count;
    private ulong _bytes;

    public HintLedger(HintPlan plan, PlanRemainder remainder, TransactionScratch scratch)
    {
        _vector = scratch.Vector;
        _plan = plan;
        _remainder = remainder;
        _ranges = plan.RangeArray;
        _unit = HugePage.UnitOf(plan.Advice);
        _advised = new ulong[_ranges.Length];
        _errors = new Errno[_ranges.Length];
    }

    public bool IsDone => _cursor.Range >= _ranges.Length;

    /// <summary>Whether any call was made: from then on the target may have changed.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>Whether a call was made that has not returned.</summary>
    public bool IsPending { get; private set; }

    public ulong BytesAdvised { get; private set; }

    /// <summary>Whether anything may have been advised: in a range with a hole the kernel advises what is mapped, and counts nothing.</summary>
    public bool HasAdvised => BytesAdvised > 0 || IsPending || (_unit == 0 && _errors.AsSpan().Contains(Errno.ENOMEM));

    /// <summary>Bytes that were passed over because they held no pages.</summary>
    public ulong BytesEmpty { get; private set; }

    /// <summary>Bytes that calls must still carry.</summary>
    public ulong BytesLeft
    {
        get
        {
            ulong left = IsDone ? 0 : _ranges[_cursor.Range].Length - _cursor.Offset;
            for (int i = _cursor.Range + 1; i < _ranges.Length; i++)
            {
                left += _ranges[i].Length;
            }

            return left;
        }
    }

    /// <summary>What the next call carries.</summary>
    public ReadOnlySpan<iovec> Batch => _vector.AsSpan(0, _count);

    /// <summary>Bytes of <see cref="Batch"/>.</summary>
    public ulong BatchBytes => _bytes;

    /// <summary>Leaves out what holds no pages; called before anything was advised.</summary>
    public void Narrow(HeldMemory held)
    {
        _ranges = held.Ranges;
        _origins = held.Origins;
        _advised = new ulong[_ranges.Length];
        _errors = new Errno[_ranges.Length];
        BytesEmpty = _plan.Bytes - BytesLeft;
    }

    /// <summary>Runs the code of <see cref="Cut"/> and <see cref="Record"/>, and resets it, so that nothing is compiled while a target is frozen.</summary>
    public void WarmUp()
    {
        if (IsTouched)
        {
            return; // the code has run already, and the record must not be lost
        }

        Cut(ulong.MaxValue);
        Record(Errno.None, (long)_bytes);
        _cursor = default;
        Record(Errno.EINVAL, -1);
        _cursor = default;
        _advised.AsSpan().Clear();
        _errors.AsSpan().Clear();
        BytesAdvised = 0;
        IsTouched = false;
        BeginWindow();
        SkipDropped();
    }

    /// <summary>Begins a window: VMAs that were advised before it need not exist any more.</summary>
    public void BeginWindow() => _remainder.AdvanceTo(VmaOf(_cursor.Range));

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
    public void Cut(ulong maxBytes) => _count = _unit == 0
        ? BatchCutter.Cut(_ranges.AsSpan(0, EndOfHeld()), _cursor, _vector, maxBytes, out _bytes)
        : BatchCutter.CutUnits(_ranges.AsSpan(0, EndOfHeld()), _cursor, _vector, maxBytes, _unit, out _bytes);

    /// <summary>Records what the call with <see cref="Batch"/> returned. Returns false if no further call can succeed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Record(Errno errno, long advised)
    {
        IsTouched = true;
        if (errno.Ok && advised > 0)
        {
            Credit((ulong)advised);
            MarkHinted();
            SkipDropped();
            return true;
        }

        // If a range is cut into several calls, a hole found by one matters more than another call's error.
        if (_errors[_cursor.Range] != Errno.ENOMEM)
        {
            _errors[_cursor.Range] = errno;
        }

        if (errno == Errno.ESRCH || errno.IsDenied)
        {
            return false;
        }

        _cursor = BatchCutter.Advance(_ranges, _cursor, (ulong)_vector[0].iov_len);
        MarkHinted();
        SkipDropped();
        return true;
    }

    /// <summary>Records that the call with <see cref="Batch"/> has not returned: the state of its ranges is unknown.</summary>
    public void LeavePending()
    {
        IsTouched = IsPending = true;
        _pendingEnd = BatchCutter.Advance(_ranges, _cursor, _bytes);
    }

    /// <summary>Returns the record, range by range; <paramref name="isComplete"/> if every range was advised completely.</summary>
    public RangeOutcome[] Close(out bool isComplete)
    {
        AddressRange[] planned = _plan.RangeArray;
        RangeOutcome[] outcomes = new RangeOutcome[planned.Length];
        isComplete = true;
        for (int i = 0, part = 0; i < planned.Length; i++)
        {
            RangeOutcome outcome = new(planned[i], RangeStatus.Empty, 0, 0);
            for (; part < _ranges.Length && (_origins is null ? part : _origins[part]) == i; part++)
            {
                RangeStatus status = StatusOf(part);
                outcome = new RangeOutcome(
                    planned[i],
                    outcome.Status == RangeStatus.Empty || outcome.Status == status ? status : RangeStatus.Incomplete,
                    outcome.BytesAdvised + _advised[part],
                    outcome.Errno == 0 ? _errors[part].Value : outcome.Errno);
            }

            outcomes[i] = outcome;
            isComplete &= outcome.Status is RangeStatus.Advised or RangeStatus.Empty;
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

    private void MarkHinted() => _remainder.EndOfHinted = VmaOf(_cursor.Offset == 0 ? _cursor.Range - 1 : _cursor.Range) + 1;

    private bool IsDropped(int range) => _remainder.HasDropped && _remainder.IsDropped(VmaOf(range));

    private int VmaOf(int range) => _plan.VmaOfRange[_origins is null ? range : _origins[range]];

    /// <summary>The first dropped range at or after the cursor: a call must not reach it.</summary>
    private int EndOfHeld()
    {
        int end = _remainder.HasDropped ? _cursor.Range : _ranges.Length;
        while (end < _ranges.Length && !IsDropped(end))
        {
            end++;
        }

        return end;
    }

    private bool IsUnconfirmed(int range) =>
        IsPending && range >= _cursor.Range && (range < _pendingEnd.Range || (range == _pendingEnd.Range && _pendingEnd.Offset != 0));

    private RangeStatus StatusOf(int range)
    {
        Errno errno = _errors[range];
        if (IsUnconfirmed(range))
        {
            return RangeStatus.Unconfirmed;
        }

        if (!errno.Ok)
        {
            return (errno == Errno.ENOMEM && _unit == 0) || _advised[range] != 0 ? RangeStatus.Incomplete
                : errno == Errno.EINVAL ? RangeStatus.Skipped
                : RangeStatus.Failed;
        }

        return _advised[range] != 0 && _remainder.IsRaced(VmaOf(range)) ? RangeStatus.Raced
            : _advised[range] == _ranges[range].Length ? RangeStatus.Advised
            : IsDropped(range) ? RangeStatus.Stale
            : _advised[range] == 0 ? RangeStatus.NotAttempted
            : RangeStatus.Incomplete;
    }
}
