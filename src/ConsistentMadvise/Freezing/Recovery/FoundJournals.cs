using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Journals as a recovery finds them: the owner may be alive, dead, or using the journal.</summary>
internal static class FoundJournals
{
    private static readonly TimeSpan GuardPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GuardPoll = TimeSpan.FromMilliseconds(2);

    /// <summary>Lists the journals in a root. Returns none if the root is missing or belongs to another user.</summary>
    /// <exception cref="IOException">The root could not be read.</exception>
    public static string[] In(string root)
    {
        Errno errno = JournalRoots.Open(root, out SafeDescriptor directory);
        directory.Dispose();
        return errno.IsShortage ? throw new IOException($"cannot be read: {errno}") : errno.Ok ? Directory.GetDirectories(root) : [];
    }

    /// <summary>Recovers the freezes that one journal records. If a part of it cannot be read, that is a failure, and the journal stays.</summary>
    public static async Task<IReadOnlyList<RecoveredFreeze>> RecoverAsync(string journal, CancellationToken cancellationToken)
    {
        try
        {
            return await LockAndRecoverAsync(journal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is DirectoryNotFoundException or FileNotFoundException)
        {
            return []; // removed by its guard, its owner or another recovery
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [Failed(journal, failure.Message)];
        }
    }

    public static RecoveredFreeze Failed(string place, string why) => new(RecoveryStatus.Failed, default, 0, $"{place}: {why}");

    private static async Task<IReadOnlyList<RecoveredFreeze>> LockAndRecoverAsync(string journal, CancellationToken cancellationToken)
    {
        Errno errno = JournalRoots.Open(journal, out SafeDescriptor descriptor);
        using JournalDirectory directory = new(descriptor);
        if (!errno.Ok)
        {
            return errno == Errno.ENOENT ? [] : throw new IOException($"cannot be opened: {errno}");
        }

        errno = directory.Open("owner\0"u8, out SafeDescriptor owner);
        using (owner)
        {
            if (!errno.Ok)
            {
                return errno == Errno.ENOENT ? RemoveUnowned(journal, directory) : throw new IOException($"its owner cannot be read: {errno}");
            }

            // Read through the descriptor: File would take a shared lock, which the owner's lock refuses.
            errno = JournalDirectory.Read(owner, out byte[] text);
            JournalOwner? by = errno.Ok ? JournalOwner.Parse(Encoding.UTF8.GetString(text)) : null;
            Errno unread = directory.ReadHeld(out IReadOnlyList<JournalEntry> held);
            errno = Kernel.Lock(owner, Uapi.LOCK_EX | Uapi.LOCK_NB);
            if (errno == Errno.EAGAIN && HasExited(by))
            {
                errno = Kernel.Lock(descriptor, Uapi.LOCK_EX | Uapi.LOCK_NB); // keeps other recoveries away
            }

            if (errno == Errno.EAGAIN)
            {
                return unread.Ok ? Report(held, RecoveryStatus.OwnerAlive, by) : throw new IOException($"cannot be read: {unread}");
            }

            if (by is null || !errno.Ok)
            {
                throw new IOException(by is null ? "its owner cannot be read" : $"flock(2) failed: {errno}");
            }

            return await RecoverDeadAsync(journal, directory, by, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the owner itself has exited, according to the kernel: a child that it forked may still hold the lock.</summary>
    private static bool HasExited(JournalOwner? owner)
    {
        JournalOwner current = JournalOwner.Current;
        if (owner?.Process is not { } process || !owner.SharesPids(current) || !owner.IsOfSameBoot(current))
        {
            return false;
        }

        Errno errno = FoundProcess.Open(process, isSameBoot: true, out SafeDescriptor? alive, out _);
        using (alive)
        {
            return errno.Ok && alive is null;
        }
    }

    /// <remarks>
    /// A journal without an owner is being created or removed, or its creator died. A journal is created under the lock of its root, so the holder of that lock
    /// knows that none is being created.
    /// </remarks>
    private static IReadOnlyList<RecoveredFreeze> RemoveUnowned(string journal, JournalDirectory directory)
    {
        Errno errno = JournalRoots.Open(Path.GetDirectoryName(journal)!, out SafeDescriptor root);
        using (root)
        {
            errno = errno.Ok ? Kernel.Lock(root, Uapi.LOCK_EX | Uapi.LOCK_NB) : errno;
            if (errno.Ok)
            {
                errno = directory.Open("owner\0"u8, out SafeDescriptor owner);
                owner.Dispose();
                errno = errno == Errno.ENOENT ? Errno.None : errno.Ok ? Errno.EAGAIN : errno;
            }

            if (!errno.Ok)
            {
                return errno == Errno.EAGAIN ? [] : throw new IOException($"it has no owner and cannot be read: {errno}");
            }

            errno = directory.ReadHeld(out IReadOnlyList<JournalEntry> held);
            if (!errno.Ok || held.Count != 0)
            {
                return [.. Report(held, RecoveryStatus.Failed, null, "its journal has no owner file, so its pid may be any process's"), .. Unread(journal, errno)];
            }

            Directory.Delete(journal, recursive: true);
            return [];
        }
    }

    private static async Task<IReadOnlyList<RecoveredFreeze>> RecoverDeadAsync(
        string journal, JournalDirectory directory, JournalOwner owner, CancellationToken cancellationToken)
    {
        JournalOwner current = JournalOwner.Current;
        directory.ReadHeld(out IReadOnlyList<JournalEntry> held);
        if (owner.IsOfOtherBoot(current))
        {
            Directory.Delete(journal, recursive: true);
            return Report(held, RecoveryStatus.TargetExited, owner, "it was frozen before the last boot");
        }

        bool areProcessesGone = false;
        if (!owner.SharesPids(current))
        {
            Errno errno = PidNamespaces.IsGone(owner.PidNamespace, out areProcessesGone);
            if (!errno.Ok || !areProcessesGone)
            {
                string unseen = errno.Ok ? string.Empty : $" (whether it still exists could not be determined: {errno})";
                return Report(held, RecoveryStatus.OtherNamespace, owner, $"run the recovery in the pid namespace {owner.PidNamespace}{unseen}");
            }
        }
        else if (await AwaitGuardAsync(directory, owner.IsOfSameBoot(current), cancellationToken).ConfigureAwait(false) is { Length: > 0 } why)
        {
            return Report(held, RecoveryStatus.Failed, owner, why);
        }
        else if (directory.IsRemoved)
        {
            return Report(held, RecoveryStatus.ThawedByGuard, owner);
        }

        Errno unread = directory.ReadHeld(out held);
        RecoveredFreeze[] recovered = [.. held.Select(entry => FoundFreeze.Thaw(entry, owner, areProcessesGone)), .. Unread(journal, unread)];
        if (!recovered.Any(static freeze => freeze.MayBeFrozen))
        {
            Directory.Delete(journal, recursive: true);
        }

        return recovered;
    }

    /// <summary>Waits for a guard that is alive. Returns why the recovery must not proceed; empty if there is no guard any more.</summary>
    private static async Task<string> AwaitGuardAsync(JournalDirectory directory, bool isSameBoot, CancellationToken cancellationToken)
    {
        Errno errno = directory.Read("guard\0"u8, out byte[] text);
        if (errno == Errno.ENOENT)
        {
            return string.Empty;
        }

        SafeDescriptor? guard = null;
        errno = errno.Ok && GuardIdentity.Parse(Encoding.UTF8.GetString(text)) is { } identity ? identity.OpenAlive(isSameBoot, out guard) : errno;
        using (guard)
        {
            if (errno.Ok && guard is not null)
            {
                (errno, bool hasExited) = await HasExitedAsync(guard, cancellationToken).ConfigureAwait(false);
                if (errno.Ok && !hasExited)
                {
                    return "its guard is alive and has not thawed it within two seconds; end the guard and try again";
                }
            }

            return errno.Ok ? string.Empty : $"its guard could not be checked: {errno}";
        }
    }

    private static async Task<(Errno Errno, bool HasExited)> HasExitedAsync(SafeDescriptor pidfd, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Errno errno = Kernel.IsReadable(pidfd, out bool hasExited);
            if ((!errno.Ok && errno != Errno.EINTR) || hasExited || TimeProvider.System.GetElapsedTime(begin) > GuardPatience)
            {
                return (errno, hasExited);
            }

            await Task.Delay(GuardPoll, cancellationToken).ConfigureAwait(false);
        }
    }

    private static RecoveredFreeze[] Report(IReadOnlyList<JournalEntry> held, RecoveryStatus status, JournalOwner? owner, string message = "") =>
        [.. held.Select(entry => new RecoveredFreeze(status, entry, owner?.Pid ?? 0, message))];

    private static RecoveredFreeze[] Unread(string journal, Errno errno) => errno.Ok ? [] : [Failed(journal, $"what it holds cannot be read: {errno}")];
}
