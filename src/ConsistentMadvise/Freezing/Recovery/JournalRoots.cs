using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Where journals are kept: directories that the user owns and nobody else may write, on file systems that a boot empties.</summary>
internal static class JournalRoots
{
    private const uint OthersMayWrite = 0x12; // 0022

    /// <summary>Those of the caller, the best one first.</summary>
    public static IReadOnlyList<string> OfCaller { get; } = Of(Kernel.EffectiveUser(), Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"));

    public static IReadOnlyList<string> Of(uint user, string? runtimeDirectory)
    {
        string shared = string.Create(CultureInfo.InvariantCulture, $"/dev/shm/consistent-madvise-{user}");
        if (user == 0)
        {
            return ["/run/consistent-madvise", shared];
        }

        // Also the usual place: a job of cron has no XDG_RUNTIME_DIR, and must find what a session of the same user left.
        string usual = string.Create(CultureInfo.InvariantCulture, $"/run/user/{user}");
        string?[] bases = [runtimeDirectory?.TrimEnd('/'), usual];
        return [.. bases.Where(static path => path?.StartsWith('/') == true && JournalEntry.CanHold(path)).Distinct().Select(static path => $"{path}/consistent-madvise"), shared];
    }

    /// <summary>Opens a root or a journal in it. <c>EPERM</c> when it is not the caller's alone: what stands in it may be anyone's invention.</summary>
    public static Errno Open(string path, out SafeDescriptor directory)
    {
        Errno errno = Kernel.OpenDirectory(Encoding.UTF8.GetBytes($"{path}\0"), out int descriptor);
        directory = new SafeDescriptor(descriptor);
        return errno.Ok && !IsOwn(descriptor) ? Errno.EPERM : errno;
    }

    /// <summary>Whether the caller owns an open directory, and others may not write there.</summary>
    public static bool IsOwn(int directory) =>
        Kernel.FileOwner(directory, out uint user, out uint mode).Ok && user == Kernel.EffectiveUser() && (mode & OthersMayWrite) == 0;

    /// <summary>Makes a journal's directory in the first root that can be used; null when none can, and why.</summary>
    public static string? CreateJournal(IReadOnlyList<string> roots, out string why)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Guid.NewGuid():N}");
        List<string> reasons = [];
        foreach (string root in roots)
        {
            Errno errno = Prepare(root);
            string journal = $"{root}/{name}";
            errno = errno.Ok ? Make(journal) : errno;
            if (errno.Ok)
            {
                why = string.Empty;
                return journal;
            }

            reasons.Add(errno == Errno.EPERM ? $"{root} is not the caller's alone" : $"{root}: {errno}");
        }

        why = string.Join("; ", reasons);
        return null;
    }

    private static Errno Prepare(string root)
    {
        Errno errno = Make(root);
        if (!errno.Ok && errno != Errno.EEXIST)
        {
            return errno;
        }

        errno = Open(root, out SafeDescriptor directory);
        directory.Dispose();
        return errno;
    }

    private static Errno Make(string directory) => Kernel.MakeDirectory(Encoding.UTF8.GetBytes($"{directory}\0"));
}
