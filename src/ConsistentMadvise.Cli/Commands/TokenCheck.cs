namespace ConsistentMadvise.Cli;

/// <summary>Whether a token still matches the layout of its process, and what was compared.</summary>
internal sealed record TokenCheck(bool Matches, LayoutMatch Match, int Code, string Text)
{
    /// <summary>Compares by the sequence, without reading the layout, and by the text if that is inconclusive.</summary>
    /// <exception cref="PlatformNotSupportedException">The sequence is required, and cannot be read on this machine.</exception>
    /// <exception cref="RefusedException">The sequence is required, and that of the token cannot be compared.</exception>
    public static TokenCheck Run(ProcessTarget target, LayoutToken then, LayoutMatch match)
    {
        if (!target.Identity.IsSameProcess(then.Process))
        {
            return new TokenCheck(false, match, ExitCode.TargetGone, $"The process of the token has exited, and pid {target.Pid} now belongs to another process.");
        }

        SequenceComparison sequence = target.CompareSequence(then);
        if (sequence == SequenceComparison.Unmoved)
        {
            return new TokenCheck(true, LayoutMatch.Sequence, ExitCode.Done, $"The token is valid: the layout sequence of process {target.Pid} has not moved.");
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
            // Retried once: a read of a running process may miss a line that never went away.
            now = target.ReadToken();
        }

        return now.Matches(then)
            ? new TokenCheck(true, LayoutMatch.Layout, ExitCode.Done, $"The token is valid: process {target.Pid} still has its layout.")
            : new TokenCheck(false, LayoutMatch.Layout, ExitCode.Stale,
                $"The token is stale: the layout of process {target.Pid} has changed ({then.VmaCount} VMAs then, {now.VmaCount} now); take a new snapshot.");
    }

    private static Exception Explain(ProcessTarget target, LayoutToken then) =>
        !LayoutSequences.IsSupported ? new PlatformNotSupportedException(Capabilities.Current.LayoutSequence.Detail)
        : target.HasExited ? new TargetException(target.Pid, TargetError.NotFound)
        : new RefusedException(then.Sequence is null
            ? "The token has no layout sequence: when it was made, the sequence could not be read or was moving; take a new snapshot, or use --match layout."
            : $"The layout sequences cannot be compared: the token is older than five minutes, or that of process {target.Pid} cannot be read; take a new snapshot, or use --match layout.");
}
