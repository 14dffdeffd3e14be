namespace ConsistentMadvise;

/// <summary>Thaws processes that a crashed engine left frozen.</summary>
/// <remarks>
/// A target frozen by ptrace does not need it: the kernel thaws it. Every other freeze is recorded first, and a guard thaws it if the
/// engine dies; this class is for the case that the guard died too. Every <see cref="HintEngine"/> runs it at its start.
/// </remarks>
public static class FreezeRecovery
{
    /// <summary>Thaws what dead engines of the same user left frozen, and returns what it found.</summary>
    /// <param name="cancellationToken">Ends the wait for an active guard, and skips the remaining journals.</param>
    /// <returns>One entry for each freeze that was on when its engine died, and for each that is on in a live engine.</returns>
    /// <remarks>
    /// Reads the journals in <c>/run/consistent-madvise</c> (root), <c>$XDG_RUNTIME_DIR/consistent-madvise</c>, and
    /// <c>/dev/shm/consistent-madvise-UID</c>, and only those of the calling user: other users' journals could name anything. An active guard
    /// is waited for, up to two seconds. Needs the rights that the freeze needed. What was already frozen before an engine used it was never recorded.
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
