using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The journal of this process: a directory with a file for each freezer in use, from which the guard or a recovery acts if this process dies.</summary>
/// <remarks>
/// Its file <c>owner</c> is locked with flock(2) as long as this process lives. The kernel releases the lock, so no one has to guess
/// from a pid whether the owner is alive.
/// </remarks>
[RunsFrozen]
internal sealed class FreezeJournal
{
    private const ulong LargestFile = JournalEntry.MaxLength;

    /// <summary>A guard responds within microseconds; one that a quota throttles, after a few periods of 100 ms.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(1);

    private const int MaxNumberBytes = 12; // with a zero byte

    private readonly byte[] _entryPrefix;
    private readonly SafeDescriptor _owner;
    private readonly WatchPage _page;
    private FreezeGuard? _guard;
    private int _entries;

    private FreezeJournal(string path, SafeDescriptor owner, WatchPage page)
    {
        Path = path;
        _entryPrefix = Encoding.UTF8.GetBytes($"{path}/{JournalEntry.FilePrefix}");
        _owner = owner;
        _page = page;
        Others = new OtherJournals(path);
    }

    public string Path { get; }

    /// <summary>The other journals in the same root.</summary>
    public OtherJournals Others { get; }

    /// <summary>Whether it is still where other engines look for it: runtime directories are emptied when their user logs out.</summary>
    public bool IsIntact => Kernel.FileStatus(_owner, out _, out ulong links).Ok && links > 0;

    /// <summary>Whether a guard is running to act on it. Allocates nothing.</summary>
    public bool IsGuarded => _guard is { } guard && guard.IsRunning(out bool isRunning).Ok && isRunning;

    public FreezeGuard? Guard => _guard;

    /// <exception cref="IOException">A file could not be created.</exception>
    public static FreezeJournal? Create(IReadOnlyList<string> roots, out string why)
    {
        JournalOwner current = JournalOwner.Current;
        if (current.PidNamespace == JournalOwner.Unknown)
        {
            why = "the caller's own pid namespace could not be read; without it, the pids in a journal mean nothing";
            return null;
        }

        // A write beyond the limit not only fails: it sends a signal that ends the caller (SIGXFSZ).
        if (Kernel.ReadLimit(Uapi.RLIMIT_FSIZE, out ulong most, out _).Ok && most < LargestFile)
        {
            why = string.Create(CultureInfo.InvariantCulture, $"RLIMIT_FSIZE (ulimit -f) is {most} bytes, and a journal needs files of {LargestFile} bytes");
            return null;
        }

        string? path = JournalRoots.CreateJournal(roots, out SafeDescriptor? root, out why);
        using (root)
        {
            if (path is null)
            {
                return null;
            }

            // Locked before it gets its final name: a recovery that ran in between would consider the owner dead.
            string unnamed = $"{path}/{JournalOwner.FileName}.new";
            SafeDescriptor owner = CreateFile(ToName(unnamed), Encoding.UTF8.GetBytes(current.ToString()));
            ThrowIfFailed(Kernel.Lock(owner, Uapi.LOCK_EX | Uapi.LOCK_NB), unnamed);

            // Zeros are written, so that a lack of memory in the file system shows now and not in a window (SIGBUS).
            string watch = $"{path}/{WatchPage.FileName}";
            using SafeDescriptor shared = CreateFile(ToName(watch), new byte[WatchPage.Bytes]);
            ThrowIfFailed(WatchPage.Map(shared, out WatchPage? page), watch);
            File.Move(unnamed, $"{path}/{JournalOwner.FileName}");
            return new FreezeJournal(path, owner, page!);
        }
    }

    /// <summary>Makes sure that a guard is alive. Returns false, and the reason, if none is available.</summary>
    /// <remarks>A dead guard is replaced; the new one is also responsible for what is held at this moment.</remarks>
    public bool TryGuard(out string why)
    {
        why = string.Empty;
        if (_guard is { } guard)
        {
            // A guard that is alive must not be ended because of an error of ours: at the end of its input it thaws what is held at this moment.
            Errno errno = guard.HasExited(out bool hasExited);
            if (!errno.Ok || !hasExited)
            {
                why = errno.Ok ? string.Empty : $"the guard could not be checked: {errno}";
                return errno.Ok;
            }

            _guard = null;
            guard.Dispose();
        }

        _guard = FreezeGuard.Start(Path, out why);
        if (_guard is null)
        {
            return false;
        }

        string unnamed = $"{Path}/{GuardIdentity.FileName}.new";
        File.Delete(unnamed); // left by a failed attempt
        CreateFile(ToName(unnamed), Encoding.UTF8.GetBytes(_guard.Identity.ToString())).Dispose();
        File.Move(unnamed, $"{Path}/{GuardIdentity.FileName}", overwrite: true);
        return true;
    }

    /// <summary>Determines whether the guard acts when it is woken. The state of a process does not show that its cgroup is frozen.</summary>
    /// <remarks>Not applied to a shell, which only waits for the end of its input.</remarks>
    public bool DoesGuardAnswer()
    {
        if (_guard is not { KeepsLimits: true } guard)
        {
            return true;
        }

        Backoff backoff = default;
        long deadline = Stopwatch.GetTimestamp() + MonotonicTicks.From(AnswerPatience);
        long looks = _page.Looks;
        guard.Wake();
        while (_page.Looks == looks)
        {
            if (!backoff.Wait(deadline))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Creates the file of one freezer, which holds nothing yet.</summary>
    /// <exception cref="IOException">The file could not be created.</exception>
    public JournalRecord Add(JournalEntry entry, bool mustBeGuarded, TimeSpan pauseLimit)
    {
        int number = Interlocked.Increment(ref _entries);
        ReadOnlySpan<byte> path = WriteName(number, stackalloc byte[_entryPrefix.Length + MaxNumberBytes]);
        Span<byte> line = stackalloc byte[JournalEntry.MaxLength];
        bool isLimited = pauseLimit != Timeout.InfiniteTimeSpan && _guard is { KeepsLimits: true };
        RecordWatch? watch = isLimited && _page.Take(number) is { } slot ? new RecordWatch(this, _page, slot, MonotonicTicks.From(pauseLimit)) : null;
        return new JournalRecord(this, number, CreateFile(path, line[..entry.Write(line)]), entry.Head, mustBeGuarded, watch);
    }

    /// <summary>Removes the file of a freezer that holds nothing. If it stays, it records just that.</summary>
    public void Remove(int number)
    {
        if (IsIntact)
        {
            _ = Kernel.Remove(WriteName(number, stackalloc byte[_entryPrefix.Length + MaxNumberBytes]));
        }
    }

    /// <summary>Makes the guard observe a deadline that was just written. Allocates nothing.</summary>
    public void Keep(long deadline)
    {
        if (deadline < _page.WakesAt)
        {
            _guard?.Wake();
        }
    }

    /// <summary>Writes the path of a freezer's file, which ends in a zero byte, into a buffer of zeros.</summary>
    private ReadOnlySpan<byte> WriteName(int number, Span<byte> name)
    {
        _entryPrefix.CopyTo(name);
        Utf8Formatter.TryFormat(number, name[_entryPrefix.Length..], out int digits);
        return name[..(_entryPrefix.Length + digits + 1)];
    }

    private static byte[] ToName(string path) => Encoding.UTF8.GetBytes($"{path}\0");

    /// <param name="name">The path, which ends in a zero byte.</param>
    /// <param name="text">The content.</param>
    private static SafeDescriptor CreateFile(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        Errno errno = Kernel.CreateFile(name, out SafeDescriptor file);
        int written = 0;
        errno = errno.Ok ? Kernel.WriteAt(file, text, 0, out written) : errno;
        if (!errno.Ok || written != text.Length)
        {
            file.Dispose();
            ThrowIfFailed(errno.Ok ? Errno.ENOSPC : errno, Encoding.UTF8.GetString(name[..^1]));
        }

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
