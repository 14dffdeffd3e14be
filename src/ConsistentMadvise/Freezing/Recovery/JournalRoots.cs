using System.Diagnostics;
using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Where journals are kept: directories that the user owns and no one else may write, on file systems that are emptied at boot.</summary>
internal static class JournalRoots
{
    private static readonly IReadOnlyList<string> Usual = Of(Kernel.EffectiveUser(), Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"));

    /// <summary>Roots that take the place of the caller's, for tests that must leave the machine's journals alone.</summary>
    internal static IReadOnlyList<string>? Given { get; set; }

    /// <summary>The caller's roots, best first.</summary>
    public static IReadOnlyList<string> OfCaller => Given ?? Usual;

    public static IReadOnlyList<string> Of(uint user, string? runtimeDirectory)
    {
        string shared = string.Create(CultureInfo.InvariantCulture, $"/dev/shm/consistent-madvise-{user}");
        if (user == 0)
        {
            return ["/run/consistent-madvise", shared];
        }

        // Also the usual path: a cron job has no XDG_RUNTIME_DIR, and must find what a session of the same user left.
        string usual = string.Create(CultureInfo.InvariantCulture, $"/run/user/{user}");
        string?[] bases = [runtimeDirectory?.TrimEnd('/'), usual];
        return [.. bases.Where(static path => path?.StartsWith('/') == true && JournalEntry.CanHold(new BytePath(path))).Distinct().Select(static path => $"{path}/consistent-madvise"), shared];
    }

    /// <summary>Opens a root or a journal in it. Returns <c>EPERM</c> unless it belongs to the caller alone: its content could be forged.</summary>
    public static Errno Open(string path, out SafeDescriptor directory)
    {
        Errno errno = Kernel.OpenDirectory(Encoding.UTF8.GetBytes($"{path}\0"), out directory);
        uint user = 0, mode = 0;
        errno = errno.Ok ? Kernel.FileOwner(directory, out user, out mode) : errno;
        return errno.Ok && (user != Kernel.EffectiveUser() || (mode & (Uapi.S_IWGRP | Uapi.S_IWOTH)) != 0) ? Errno.EPERM : errno;
    }

    /// <summary>Creates a journal's directory in the first usable root, and leaves that root locked; null, and the reasons, if none is usable.</summary>
    /// <remarks>While the lock is held, a journal without an owner is one that is being created.</remarks>
    public static string? CreateJournal(IReadOnlyList<string> roots, out SafeDescriptor? locked, out string why)
    {
        Errno random = Kernel.GetRandom(out ulong unique);
        if (!random.Ok)
        {
            locked = null;
            why = $"getrandom(2): {random}";
            return null;
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{unique:x16}");
        List<string> reasons = [];
        foreach (string root in roots)
        {
            Errno errno = Prepare(root, out locked);
            string journal = $"{root}/{name}";
            errno = errno.Ok ? Make(journal) : errno;
            if (errno.Ok)
            {
                why = string.Empty;
                return journal;
            }

            locked.Dispose();
            reasons.Add(errno == Errno.EPERM ? $"{root} is not the caller's alone" : errno == Errno.EAGAIN ? $"{root} is locked" : $"{root}: {errno}");
        }

        locked = null;
        why = string.Join("; ", reasons);
        return null;
    }

    private static Errno Prepare(string root, out SafeDescriptor directory)
    {
        Errno errno = Make(root);
        if (!errno.Ok && errno != Errno.EEXIST)
        {
            directory = new SafeDescriptor();
            return errno;
        }

        errno = Open(root, out directory);
        return errno.Ok && !FileLock.TryTake(directory, Stopwatch.GetTimestamp() + Stopwatch.Frequency) ? Errno.EAGAIN : errno;
    }

    private static Errno Make(string directory) => Kernel.MakeDirectory(Encoding.UTF8.GetBytes($"{directory}\0"));
}
