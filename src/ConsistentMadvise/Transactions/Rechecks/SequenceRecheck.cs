using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The first step of every match: if no task has written to the address space since the plan was made, nothing in it has changed. Otherwise the text decides.</summary>
/// <param name="target">The process.</param>
/// <param name="plan">The plan.</param>
/// <param name="space">The pinned address space that the plan was made from; null for a plan from elsewhere.</param>
/// <param name="text">Decides if the sequence has moved; null for <see cref="LayoutMatch.Sequence"/>, for which a move is a change.</param>
/// <param name="match">What the sequences of the planned VMAs decide: everything for <see cref="LayoutMatch.Ranges"/>, and otherwise, together with the text, whether hints met what was planned.</param>
/// <param name="vmas">Reads these sequences; null if they cannot be read, or do not matter.</param>
/// <param name="after">Checks again after the hints if the advice itself moves the sequence; null if it does not.</param>
[RunsFrozen]
internal sealed class SequenceRecheck(ProcessTarget target, HintPlan plan, AddressSpace? space, LayoutMatch match, IRecheck? text, VmaSequenceRecheck? vmas, IRecheck? after) : IRecheck
{
    private readonly SequenceReader _reader = SequenceReader.Shared;
    private readonly SequenceStamp? _stamp = plan.Token.Stamp is { IsTrusted: true } stamp ? stamp : null;
    private readonly SequenceStamp? _readSince = plan.Layout?.ReadSince;
    private readonly AddressSpaceId _space = space?.Id ?? AddressSpaceId.None;
    private SequenceReading _accepted;
    private bool _isPast;
    private long _acceptedAt;

    /// <summary>Whether the sequence of this process can be read and, for <see cref="LayoutMatch.Sequence"/>, the plan has one to compare with.</summary>
    public bool IsPossible => _reader.TryRead(target.Pid, out _) && (text is not null || _stamp is not null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run(bool mayDrop)
    {
        _reader.TryRead(target.Pid, out SequenceReading before);
        if (IsKnown(in before))
        {
            return RecheckResult.Same;
        }

        if (vmas is not null && match == LayoutMatch.Ranges && TryFindLast(out SequenceReading last))
        {
            return RunByVmas(in last, mayDrop);
        }

        if (text is null)
        {
            return ExplainMove(in before);
        }

        RecheckResult result = text.Run(mayDrop);
        _reader.TryRead(target.Pid, out SequenceReading now);

        // The text of a running target proves something only if no task wrote to the address space while it was read.
        bool isSettled = before.State != SequenceState.Read || now.IsUnchangedSince(in before);
        if (!isSettled && result.Kind is (RecheckKind.Same or RecheckKind.Changed))
        {
            return RecheckResult.Unsettled;
        }

        if (result.IsSame)
        {
            Accept(in now);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult LookAgain()
    {
        if (after is not null)
        {
            RecheckResult result = after.LookAgain();
            if (result.IsSame && _reader.TryRead(target.Pid, out SequenceReading moved))
            {
                Accept(in moved); // moved by the advice itself
            }

            return result;
        }

        _reader.TryRead(target.Pid, out SequenceReading now);
        return now.State switch
        {
            SequenceState.NoAddressSpace => RecheckResult.Gone,
            SequenceState.Read or SequenceState.Replaced when _accepted.State == SequenceState.Read =>
                now.IsUnchangedSince(in _accepted) ? RecheckResult.Same : ExplainMoveAfterHints(),
            _ => text?.LookAgain() ?? Unread(in now), // unreadable now, or when the plan was accepted
        };
    }

    /// <summary>Whether no task has written to the address space since the plan was made, or since an earlier window found that it still matches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsKnown(in SequenceReading now)
    {
        if (!_isPast && _stamp is { IsTrusted: true } planned)
        {
            if (planned.IsUnchangedIn(in now, target.Identity, _space))
            {
                Accept(in now);
                return true;
            }

            // A sequence that has moved never returns. A value that a plan from elsewhere predicts could still come.
            _isPast = now.State == SequenceState.Read;
        }

        return now.IsUnchangedSince(in _accepted) && Stopwatch.GetElapsedTime(_acceptedAt) < SequenceReading.TrustedFor;
    }

    /// <summary>Finds the last reading at which every VMA that is left was the plan's.</summary>
    private bool TryFindLast(out SequenceReading last)
    {
        bool isAccepted = _accepted.State == SequenceState.Read && Stopwatch.GetElapsedTime(_acceptedAt) < SequenceReading.TrustedFor;
        last = isAccepted ? _accepted
            : (_stamp ?? _readSince) is { IsTrusted: true } planned ? new(SequenceState.Read, planned.Sequence, _space, planned.ExecId, 0, target.Identity.StartTime)
            : default;
        return last.State == SequenceState.Read;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RecheckResult RunByVmas(in SequenceReading last, bool mayDrop)
    {
        RecheckResult result = vmas!.Run(in last, mayDrop, out SequenceReading at);
        if (result.IsSame && at.State == SequenceState.Read)
        {
            Accept(in at);
        }

        return result;
    }

    /// <remarks>
    /// khugepaged may make a huge page elsewhere in a held target, which moves the sequence and changes nothing. So hints met what was planned if no planned VMA was locked
    /// and, for <see cref="LayoutMatch.Layout"/>, the text is still the same.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RecheckResult ExplainMoveAfterHints()
    {
        RecheckResult result = vmas?.RunAfterHints(in _accepted) ?? RecheckResult.Changed;
        if (!result.IsSame || match == LayoutMatch.Ranges)
        {
            return result;
        }

        _reader.TryRead(target.Pid, out SequenceReading before);
        result = text!.LookAgain();
        _reader.TryRead(target.Pid, out SequenceReading now);
        if (!result.IsSame || !now.IsUnchangedSince(in before))
        {
            return result.IsSame ? RecheckResult.Changed : result;
        }

        Accept(in now);
        return RecheckResult.Same;
    }

    private void Accept(in SequenceReading reading)
    {
        _accepted = reading;
        _acceptedAt = Stopwatch.GetTimestamp();
    }

    private RecheckResult ExplainMove(in SequenceReading now) => now.State switch
    {
        SequenceState.Read when _stamp is { } planned && now.ExecId != planned.ExecId => RecheckResult.Replaced,
        SequenceState.Read => RecheckResult.Changed,
        SequenceState.Replaced => RecheckResult.Replaced,
        _ => Unread(in now),
    };

    /// <remarks>"Not found" does not mean "exited", and a program that could not be run has found nothing.</remarks>
    private RecheckResult Unread(in SequenceReading now) =>
        target.HasExited || now.State == SequenceState.NoAddressSpace ? RecheckResult.Gone : RecheckResult.CouldNotLook(now.Errno);
}
