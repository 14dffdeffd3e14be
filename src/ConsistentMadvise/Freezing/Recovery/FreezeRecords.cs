namespace ConsistentMadvise;

/// <summary>Creates the records of freezers that outlive this process, with one journal and one guard.</summary>
/// <remarks>Both start with the first such freezer, and end with the process. Safe for use by several threads.</remarks>
internal sealed class FreezeRecords(IReadOnlyList<string> roots)
{
    private readonly Lock _gate = new();
    private readonly List<FreezeJournal> _lost = [];
    private FreezeJournal? _journal;

    public static FreezeRecords Shared { get; } = new(JournalRoots.OfCaller);

    /// <summary>The journal; null before the first record.</summary>
    public FreezeJournal? Journal => _journal;

    /// <summary>Creates a record; null, and the reason, if no guard would undo the freeze.</summary>
    /// <param name="entry">What would be frozen.</param>
    /// <param name="allowsUnguarded">Whether the caller explicitly allowed a freeze that no guard would undo.</param>
    /// <param name="why">What is missing.</param>
    /// <param name="pauseLimit">The guard thaws it after this time, whatever this process does; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
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
            why = "the path of the cgroup cannot be recorded in a journal";
            return null;
        }

        try
        {
            if (_journal is { IsIntact: false })
            {
                // Kept with its guard: closing the guard's input now would make it thaw what is held at this moment.
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
                why = "the guard is stopped; continue it, or end it so that another is started";
                return null;
            }

            if (isGuarded && !allowsUnguarded && !_journal.DoesGuardAnswer())
            {
                why = "the guard does not respond: its cgroup is frozen, or it gets no processor time; end it so that another is started";
                return null;
            }

            if (isGuarded && entry.Head.Pid == _journal.Guard!.Identity.Pid)
            {
                why = "the target is the guard itself";
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
