namespace ConsistentMadvise.Cli;

/// <summary>Whether a token still stands for the layout of its process, and what was compared to find out.</summary>
internal sealed record TokenCheck(bool Matches, LayoutMatch Match, int Code, string Text)
{
    /// <summary>Compares by the sequence, without reading the layout, and by the text where that does not settle it.</summary>
    /// <exception cref="PlatformNotSupportedException">The sequence is required, and cannot be read on this machine.</exception>
    /// <exception cref="RefusedException">The sequence is required, and that of the token cannot be compared.</exception>
    public static TokenCheck Run(ProcessTarget target, LayoutToken then, LayoutMatch match)
    {
        if (!target.Identity.IsSameProcess(then.Process))
        {
            return new TokenCheck(false, match, ExitCode.TargetGone, $"The process of the token has ended, and pid {target.Pid} belongs to another now.");
        }

        SequenceComparison sequence = target.CompareSequence(then);
        if (sequence == SequenceComparison.Unmoved)
        {
            return new TokenCheck(true, LayoutMatch.Sequence, ExitCode.Done, $"The token holds: the layout sequence of process {target.Pid} has not moved.");
        }

        return match == LayoutMatch.Layout ? ByText(target, then)
            : sequence == SequenceComparison.NotComparable ? throw Explain(target, then)
            : new TokenCheck(false, match, ExitCode.Stale, $"The token is stale: the layout sequence of process {target.Pid} has moved; take a new snapshot.");
    }

    private static TokenCheck ByText(ProcessTarget target, LayoutToken then)
    {
        LayoutToken now = target.ReadToken();
        if (!now.Matches(then))
        {
            // Twice before it is believed: a read of a running process may miss a line that was there all along.
            now = target.ReadToken();
        }

        return now.Matches(then)
            ? new TokenCheck(true, LayoutMatch.Layout, ExitCode.Done, $"The token holds: process {target.Pid} has the layout it stands for.")
            : new TokenCheck(false, LayoutMatch.Layout, ExitCode.Stale,
                $"The token is stale: the layout of process {target.Pid} has changed ({then.VmaCount} VMAs then, {now.VmaCount} now); take a new snapshot.");
    }

    private static Exception Explain(ProcessTarget target, LayoutToken then) =>
        !LayoutSequences.IsSupported ? new PlatformNotSupportedException(Capabilities.Current.LayoutSequence.Detail)
        : target.HasExited ? new TargetException(target.Pid, TargetError.NotFound)
        : new RefusedException(then.Sequence is null
            ? "The token has no layout sequence: it could not be read when the token was made, or was moving; take a new snapshot, or use --match layout."
            : $"The layout sequences cannot be compared: the token is older than five minutes, or that of process {target.Pid} cannot be read; take a new snapshot, or use --match layout.");
}
