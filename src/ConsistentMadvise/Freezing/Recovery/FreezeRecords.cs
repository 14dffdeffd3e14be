namespace ConsistentMadvise;

/// <summary>Makes the records of freezers that outlive this process: one journal, one guard.</summary>
/// <remarks>Both are begun with the first such freezer, and end with the process. Safe for use by several threads.</remarks>
internal sealed class FreezeRecords(IReadOnlyList<string> roots)
{
    private readonly Lock _gate = new();
    private readonly List<FreezeJournal> _lost = [];
    private FreezeJournal? _journal;

    public static FreezeRecords Shared { get; } = new(JournalRoots.OfCaller);

    /// <summary>The journal; null before the first record.</summary>
    public FreezeJournal? Journal => _journal;

    /// <summary>Makes a record; null when no guard would undo the freeze, and why.</summary>
    /// <param name="entry">What would be frozen.</param>
    /// <param name="allowsUnguarded">Whether a freeze that no guard would undo was asked for explicitly.</param>
    /// <param name="why">What is missing.</param>
    /// <param name="pauseLimit">After how long the guard thaws it, whatever this process does; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    public IFreezeRecord? Create(JournalEntry entry, bool allowsUnguarded, out string why, TimeSpan? pauseLimit = null)
    {
        lock (_gate)
        {
            return TryCreate(entry, allowsUnguarded, pauseLimit ?? Timeout.InfiniteTimeSpan, out why) ?? (allowsUnguarded ? new UnguardedRecord() : default(IFreezeRecord?));
        }
    }

    private JournalRecord? TryCreate(JournalEntry entry, bool allowsUnguarded, TimeSpan pauseLimit, out string why)
    {
        if (!JournalEntry.CanHold(entry.Path))
        {
            why = "the name of the cgroup cannot be written down";
            return null;
        }

        try
        {
            if (_journal is { IsIntact: false })
            {
                // Kept, with its guard: closing the guard's input now would let it thaw what is held at this moment.
                _lost.Add(_journal);
                _journal = null;
            }

            why = string.Empty;
            _journal ??= FreezeJournal.Create(roots, out why);
            if (_journal is null)
            {
                return null;
            }

            bool isGuarded = _journal.TryGuard(out why);
            if (isGuarded && !allowsUnguarded && !_journal.IsGuarded)
            {
                why = "the guard is stopped; continue it, or end it, and another is started";
                return null;
            }

            if (isGuarded && !allowsUnguarded && !_journal.DoesGuardAnswer())
            {
                why = "the guard does not answer: its cgroup is frozen, or no processor is left for it; end it, and another is started";
                return null;
            }

            if (isGuarded && entry.Head.Pid == _journal.Guard!.Identity.Pid)
            {
                why = "it is the guard itself";
                return null;
            }

            return isGuarded || allowsUnguarded ? _journal.Add(entry, mustBeGuarded: !allowsUnguarded, pauseLimit) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            why = failure.Message;
            return null;
        }
    }
}
