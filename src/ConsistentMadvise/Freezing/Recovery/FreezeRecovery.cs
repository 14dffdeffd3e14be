namespace ConsistentMadvise;

/// <summary>Thaws processes that a crashed engine left frozen.</summary>
/// <remarks>
/// A target frozen by ptrace needs none of it: the kernel thaws it. Every other freeze is written down first, and a guard thaws it when the
/// engine dies; this is for the case that the guard died too. Every <see cref="HintEngine"/> begins with it.
/// </remarks>
public static class FreezeRecovery
{
    /// <summary>Thaws what dead engines of the same user left frozen, and returns what it found.</summary>
    /// <param name="cancellationToken">Ends the wait for a guard that is at work, and leaves the journals that come after.</param>
    /// <returns>One for each freeze that was on when its engine died, and for each that is on in an engine that lives.</returns>
    /// <remarks>
    /// Reads the journals in <c>/run/consistent-madvise</c> (root), <c>$XDG_RUNTIME_DIR/consistent-madvise</c>, and
    /// <c>/dev/shm/consistent-madvise-UID</c>: those of the calling user alone, since others' could name anything. A guard that lives
    /// is waited for, up to two seconds. Needs the rights that the freeze needed. What was frozen before an engine came to it was never written down.
    /// </remarks>
    /// <example>
    /// <code>
    /// foreach (RecoveredFreeze freeze in await FreezeRecovery.RecoverAsync())
    /// {
    ///     log.LogWarning("{Freeze}", freeze);
    /// }
    /// </code>
    /// </example>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<IReadOnlyList<RecoveredFreeze>> RecoverAsync(CancellationToken cancellationToken = default) =>
        await RecoverAsync(JournalRoots.OfCaller, cancellationToken).ConfigureAwait(false);

    internal static async Task<IReadOnlyList<RecoveredFreeze>> RecoverAsync(IReadOnlyList<string> roots, CancellationToken cancellationToken)
    {
        List<RecoveredFreeze> found = [];
        foreach (string root in roots)
        {
            try
            {
                foreach (string journal in FoundJournals.In(root))
                {
                    found.AddRange(await FoundJournals.RecoverAsync(journal, cancellationToken).ConfigureAwait(false));
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                found.Add(FoundJournals.Failed(root, failure.Message));
            }
        }

        return found;
    }
}
