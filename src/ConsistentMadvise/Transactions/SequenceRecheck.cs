using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>The first rung of every match: nobody has written to the address space since the plan was made, so nothing in it has changed. Else the text decides.</summary>
/// <param name="target">The process.</param>
/// <param name="plan">The plan.</param>
/// <param name="text">What decides when the sequence has moved; null for <see cref="LayoutMatch.Sequence"/>, for which a move is a change.</param>
/// <param name="behind">What looks behind the hints when the advice itself moves the sequence; null when it does not.</param>
internal sealed class SequenceRecheck(ProcessTarget target, HintPlan plan, IRecheck? text, IRecheck? behind) : IRecheck
{
    private readonly SequenceReader _reader = SequenceReader.Shared;
    private readonly SequenceStamp? _stamp = plan.Token.Stamp is { IsTrusted: true } stamp ? stamp : null;
    private readonly AddressSpaceId _space = plan.Layout?.Space?.Id ?? AddressSpaceId.None;
    private SequenceReading _accepted;
    private long _acceptedAt;

    /// <summary>Whether the sequence of this process can be read and, for <see cref="LayoutMatch.Sequence"/>, the plan has one to compare with.</summary>
    public bool IsPossible => _reader.TryRead(target.Pid, out _) && (text is not null || _stamp is not null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run()
    {
        _reader.TryRead(target.Pid, out SequenceReading before);
        if (IsKnown(in before))
        {
            return RecheckResult.Same;
        }

        if (text is null)
        {
            return ExplainMove(in before);
        }

        RecheckResult result = text.Run();
        _reader.TryRead(target.Pid, out SequenceReading after);

        // Of a running target the text says something only if nobody wrote to it while it was read.
        bool isSettled = before.State != SequenceState.Read || after.IsUnchangedSince(in before);
        if (!isSettled && result is (RecheckResult.Same or RecheckResult.Changed))
        {
            return RecheckResult.Unsettled;
        }

        if (result == RecheckResult.Same)
        {
            Accept(in after);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool HasMoved()
    {
        if (behind is not null)
        {
            bool hasMoved = behind.HasMoved();
            if (!hasMoved && _reader.TryRead(target.Pid, out SequenceReading moved))
            {
                Accept(in moved); // by the advice itself
            }

            return hasMoved;
        }

        _reader.TryRead(target.Pid, out SequenceReading now);
        return now.State switch
        {
            SequenceState.NoAddressSpace => false,
            SequenceState.Read or SequenceState.Replaced when _accepted.State == SequenceState.Read => !now.IsUnchangedSince(in _accepted),
            _ => text?.HasMoved() ?? !target.HasExited, // it cannot be read just now, or could not when the plan was accepted
        };
    }

    /// <summary>Whether nobody wrote to the address space since the plan was made, or since an earlier window found that the plan still fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsKnown(in SequenceReading now)
    {
        if (_stamp is { IsTrusted: true } planned && planned.IsUnchangedIn(in now, target.Identity, _space))
        {
            Accept(in now);
            return true;
        }

        return now.IsUnchangedSince(in _accepted) && Stopwatch.GetElapsedTime(_acceptedAt) < SequenceReading.TrustedFor;
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
        _ => target.HasExited || now.State == SequenceState.NoAddressSpace ? RecheckResult.Gone : RecheckResult.Changed,
    };
}
