using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Journals as a recovery finds them: their owners may live, be dead, or be at work on them.</summary>
internal static class FoundJournals
{
    private static readonly TimeSpan GuardPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GuardPoll = TimeSpan.FromMilliseconds(2);

    /// <summary>The journals in a root. None where the root is missing, or not the caller's own.</summary>
    public static string[] In(string root)
    {
        Errno errno = JournalRoots.Open(root, out SafeDescriptor directory);
        directory.Dispose();
        return errno.Ok ? Directory.GetDirectories(root) : [];
    }

    public static async Task<IReadOnlyList<RecoveredFreeze>> RecoverAsync(string journal, CancellationToken cancellationToken)
    {
        try
        {
            return await LockAndRecoverAsync(journal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is DirectoryNotFoundException or FileNotFoundException)
        {
            return []; // its guard, its owner or another recovery has removed it
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [new RecoveredFreeze(RecoveryStatus.Failed, default, 0, $"{journal}: {failure.Message}")];
        }
    }

    private static async Task<IReadOnlyList<RecoveredFreeze>> LockAndRecoverAsync(string journal, CancellationToken cancellationToken)
    {
        Errno errno = JournalRoots.Open(journal, out SafeDescriptor directory);
        using (directory)
        {
            int file = -1;
            errno = errno.Ok ? Kernel.OpenAt(directory.Value, "owner\0"u8, Uapi.O_RDONLY, out file) : errno;
            using SafeDescriptor owner = new(file);
            if (!errno.Ok)
            {
                // Without an owner it is being made, or being removed.
                return errno == Errno.ENOENT ? [] : throw new IOException($"cannot be opened: {errno}");
            }

            // By the descriptor: File would ask for a shared lock, and be refused by the owner's.
            byte[] text = new byte[512];
            errno = Kernel.ReadAt(file, text, 0, out int length);
            JournalOwner? by = errno.Ok ? JournalOwner.Parse(Encoding.UTF8.GetString(text.AsSpan(0, length))) : null;
            IReadOnlyList<JournalEntry> held = ReadHeld(journal);
            errno = Kernel.Lock(owner.Value, Uapi.LOCK_EX | Uapi.LOCK_NB);
            if (errno == Errno.EAGAIN)
            {
                return Tell(held, RecoveryStatus.OwnerAlive, by);
            }

            if (by is null || !errno.Ok)
            {
                throw new IOException(by is null ? "its owner cannot be read" : $"flock(2) failed: {errno}");
            }

            return await RecoverDeadAsync(journal, by, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<RecoveredFreeze>> RecoverDeadAsync(string journal, JournalOwner owner, CancellationToken cancellationToken)
    {
        IReadOnlyList<JournalEntry> held = ReadHeld(journal);
        if (owner.BootId != JournalOwner.Current.BootId)
        {
            Directory.Delete(journal, recursive: true);
            return Tell(held, RecoveryStatus.TargetExited, owner, "it was frozen before the last boot");
        }

        if (owner.PidNamespace != JournalOwner.Current.PidNamespace)
        {
            return Tell(held, RecoveryStatus.OtherNamespace, owner, $"run the recovery in the pid namespace {owner.PidNamespace}");
        }

        if (ReadGuard(journal)?.OpenAlive() is { } guard)
        {
            using (guard)
            {
                if (!await HasEndedAsync(guard, cancellationToken).ConfigureAwait(false))
                {
                    return Tell(held, RecoveryStatus.Failed, owner, "its guard lives and has not thawed it in two seconds; end the guard and try again");
                }
            }

            if (!Directory.Exists(journal))
            {
                return Tell(held, RecoveryStatus.ThawedByGuard, owner);
            }
        }

        RecoveredFreeze[] recovered = [.. ReadHeld(journal).Select(entry => FoundFreeze.Thaw(entry, owner))];
        if (!recovered.Any(static freeze => freeze.MayBeFrozen))
        {
            Directory.Delete(journal, recursive: true);
        }

        return recovered;
    }

    private static RecoveredFreeze[] Tell(IReadOnlyList<JournalEntry> held, RecoveryStatus status, JournalOwner? owner, string message = "") =>
        [.. held.Select(entry => new RecoveredFreeze(status, entry, owner?.Pid ?? 0, message))];

    private static JournalEntry[] ReadHeld(string journal) =>
        [.. Directory.GetFiles(journal, $"{JournalEntry.FilePrefix}*")
            .Select(static file => JournalEntry.TryParse(ReadIfThere(file), out JournalEntry entry) ? entry : default)
            .Where(static entry => entry.Head.IsHeld)];

    private static GuardIdentity? ReadGuard(string journal)
    {
        string file = $"{journal}/{GuardIdentity.FileName}";
        return File.Exists(file) ? GuardIdentity.Parse(File.ReadAllText(file)) : null;
    }

    /// <remarks>Empty when it has gone meanwhile: a freezer that lives is disposed, or a guard removes what it has thawed.</remarks>
    private static byte[] ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    private static async Task<bool> HasEndedAsync(SafeDescriptor pidfd, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (Kernel.IsReadable(pidfd.Value, out bool ended).Ok && !ended)
        {
            if (TimeProvider.System.GetElapsedTime(begin) > GuardPatience)
            {
                return false;
            }

            await Task.Delay(GuardPoll, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
