using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>The first rung of every match: nobody has written to the address space since the plan was made, so nothing in it has changed. Else the text decides.</summary>
/// <param name="target">The process.</param>
/// <param name="plan">The plan.</param>
/// <param name="text">What decides when the sequence has moved; null for <see cref="LayoutMatch.Sequence"/>, for which a move is a change.</param>
internal sealed class SequenceRecheck(ProcessTarget target, HintPlan plan, IRecheck? text) : IRecheck
{
    private readonly SequenceReader _reader = SequenceReader.Shared;
    private readonly SequenceStamp? _stamp = plan.Token.Stamp is { IsTrusted: true } stamp ? stamp : null;
    private readonly AddressSpaceId _space = plan.Layout?.Space?.Id ?? AddressSpaceId.None;
    private SequenceReading _accepted;

    /// <summary>Whether the sequence of this process can be read and, for <see cref="LayoutMatch.Sequence"/>, the plan has one to compare with.</summary>
    public bool IsPossible => _reader.TryRead(target.Pid, out _) && (text is not null || _stamp is not null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run()
    {
        _reader.TryRead(target.Pid, out SequenceReading before);
        if (_stamp is { } planned && planned.IsUnchangedIn(in before, target.Identity, _space))
        {
            _accepted = before;
            return RecheckResult.Same;
        }

        if (text is null)
        {
            return ExplainMove(in before);
        }

        RecheckResult result = text.Run();
        _reader.TryRead(target.Pid, out SequenceReading after);

        // Of a running target the text says something only if nobody wrote to it while it was read.
        bool isDecided = result != RecheckResult.Same || before.State != SequenceState.Read || after.IsUnchangedSince(in before);
        _accepted = after;
        return isDecided ? result : RecheckResult.Changed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool HasMoved()
    {
        if (_accepted.State != SequenceState.Read)
        {
            return false; // it could not be read when the plan was accepted
        }

        _reader.TryRead(target.Pid, out SequenceReading now);
        return now.State is SequenceState.Read or SequenceState.Replaced && !now.IsUnchangedSince(in _accepted);
    }

    private RecheckResult ExplainMove(in SequenceReading now) => now.State switch
    {
        SequenceState.Read when _stamp is { } planned && now.ExecId != planned.ExecId => RecheckResult.Replaced,
        SequenceState.Read => RecheckResult.Changed,
        SequenceState.Replaced => RecheckResult.Replaced,
        _ => target.HasExited || now.State == SequenceState.NoAddressSpace ? RecheckResult.Gone : RecheckResult.Changed,
    };
}
