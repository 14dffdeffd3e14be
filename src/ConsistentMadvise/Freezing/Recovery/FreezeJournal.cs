using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The journal of this process: a directory with a file for each freezer in use, for whoever lives on when this process dies.</summary>
/// <remarks>
/// Its file <c>owner</c> is locked with flock(2) as long as this process lives. The kernel lets go of the lock, so that nobody has to guess
/// from a pid whether the owner is alive.
/// </remarks>
internal sealed class FreezeJournal
{
    private readonly SafeDescriptor _owner;
    private FreezeGuard? _guard;
    private int _entries;

    private FreezeJournal(string path, SafeDescriptor owner)
    {
        Path = path;
        _owner = owner;
    }

    public string Path { get; }

    /// <summary>Whether it still is where others look for it: runtime directories are emptied when their user logs out.</summary>
    public bool IsIntact => Kernel.FileStatus(_owner.Value, out _, out ulong links).Ok && links > 0;

    /// <summary>Whether somebody is there to act on it. Allocates nothing.</summary>
    public bool IsGuarded => _guard is { } guard && guard.IsAlive;

    public FreezeGuard? Guard => _guard;

    /// <exception cref="IOException">A file could not be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static FreezeJournal? Create(IReadOnlyList<string> roots, out string why)
    {
        if (JournalRoots.CreateJournal(roots, out why) is not { } path)
        {
            return null;
        }

        // Locked before it has its name: a recovery that came in between would take the owner for dead.
        string unnamed = $"{path}/{JournalOwner.FileName}.new";
        SafeDescriptor owner = CreateFile(unnamed, Encoding.UTF8.GetBytes(JournalOwner.Current.ToString()));
        ThrowIfFailed(Kernel.Lock(owner.Value, Uapi.LOCK_EX | Uapi.LOCK_NB), unnamed);
        File.Move(unnamed, $"{path}/{JournalOwner.FileName}");
        return new FreezeJournal(path, owner);
    }

    /// <summary>Sees to it that a guard lives. False when none can be had, and why.</summary>
    /// <remarks>A dead one is replaced; the new one answers also for what is held at this moment.</remarks>
    public bool TryGuard(out string why)
    {
        why = string.Empty;
        if (IsGuarded)
        {
            return true;
        }

        _guard?.Dispose();
        _guard = FreezeGuard.Start(Path, out why);
        if (_guard is null)
        {
            return false;
        }

        string unnamed = $"{Path}/{GuardIdentity.FileName}.new";
        File.WriteAllText(unnamed, _guard.Identity.ToString());
        File.Move(unnamed, $"{Path}/{GuardIdentity.FileName}", overwrite: true);
        return true;
    }

    /// <summary>Makes the file of one freezer, not held yet.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public JournalRecord Add(JournalEntry entry, bool mustBeGuarded)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{Path}/{JournalEntry.FilePrefix}{Interlocked.Increment(ref _entries)}");
        return new JournalRecord(this, path, CreateFile(path, entry.ToBytes()), entry.Head, mustBeGuarded);
    }

    private static SafeDescriptor CreateFile(string path, byte[] text)
    {
        ThrowIfFailed(Kernel.CreateFile(Encoding.UTF8.GetBytes($"{path}\0"), out int descriptor), path);
        SafeDescriptor file = new(descriptor);
        ThrowIfFailed(Kernel.WriteAt(descriptor, text, 0, out _), path);
        return file;
    }

    private static void ThrowIfFailed(Errno errno, string path)
    {
        if (!errno.Ok)
        {
            throw new IOException($"'{path}' could not be written: {errno}");
        }
    }
}
