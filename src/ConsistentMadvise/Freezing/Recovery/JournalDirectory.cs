using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A journal opened by a recovery. Its content is trusted only as far as the caller's own user can have written it.</summary>
/// <remarks>
/// A recovery may have more rights than its user (file capabilities): a symbolic link in the journal would let the user name any file on the machine, and a
/// hard link to another user's file would pass as the user's own.
/// </remarks>
internal sealed class JournalDirectory(SafeDescriptor directory) : IDisposable
{
    /// <summary>Whether it was removed: its guard removes it once everything is thawed.</summary>
    public bool IsRemoved => Kernel.FileStatus(directory, out _, out ulong links).Ok && links == 0;

    /// <summary>Opens a file of the journal. Returns <c>EPERM</c> unless it is a regular file with one link that the caller owns.</summary>
    public Errno Open(ReadOnlySpan<byte> name, out SafeDescriptor file)
    {
        Errno errno = Kernel.OpenEntry(directory, name, Uapi.O_RDONLY, out file);
        if (!errno.Ok)
        {
            return errno;
        }

        uint user = 0, mode = 0;
        errno = Kernel.FileStatus(file, out _, out ulong links);
        errno = errno.Ok ? Kernel.FileOwner(file, out user, out mode) : errno;
        return !errno.Ok ? errno : user == Kernel.EffectiveUser() && (mode & Uapi.S_IFMT) == Uapi.S_IFREG && links == 1 ? Errno.None : Errno.EPERM;
    }

    /// <summary>Reads a file of the journal, up to the maximum length of a line.</summary>
    public Errno Read(ReadOnlySpan<byte> name, out byte[] text)
    {
        Errno errno = Open(name, out SafeDescriptor file);
        using (file)
        {
            text = [];
            return errno.Ok ? Read(file, out text) : errno;
        }
    }

    public static Errno Read(SafeDescriptor file, out byte[] text)
    {
        byte[] buffer = new byte[JournalEntry.MaxLength];
        Errno errno = Kernel.ReadAt(file, buffer, 0, out int count);
        text = errno.Ok ? buffer[..count] : [];
        return errno;
    }

    /// <summary>Reads the freezes that the journal records as held. Returns an error if an entry could not be read: it may be held too.</summary>
    public Errno ReadHeld(out IReadOnlyList<JournalEntry> held)
    {
        List<JournalEntry> entries = [];
        held = entries;
        byte[] buffer = new byte[4096];
        Errno errno = Kernel.OpenAt(directory, ".\0"u8, Uapi.O_RDONLY, out SafeDescriptor listing);
        using (listing)
        {
            Errno unread = Errno.None;
            int bytes = 0;
            while (errno.Ok && (errno = Kernel.ReadDirectory(listing, buffer, out bytes)).Ok && bytes > 0)
            {
                DirectoryNames names = new(buffer.AsSpan(0, bytes));
                while (names.TryTake(out ReadOnlySpan<byte> name))
                {
                    Errno failed = name.StartsWith("freeze-"u8) ? Add(name, entries) : Errno.None;
                    unread = failed.Ok ? unread : failed;
                }
            }

            return errno.Ok ? unread : errno;
        }
    }

    public void Dispose() => directory.Dispose();

    /// <remarks>A name that is gone was removed by its freezer or by the guard, which thaws before it removes.</remarks>
    private Errno Add(ReadOnlySpan<byte> name, List<JournalEntry> entries)
    {
        Errno errno = Read(name, out byte[] text);
        if (errno == Errno.ENOENT || (errno.Ok && (text.Length == 0 || text[0] == '0')))
        {
            return Errno.None;
        }

        JournalEntry entry = default;
        if (errno.Ok && !JournalEntry.TryParse(text, out entry))
        {
            return Errno.EINVAL; // incomplete: what it holds is unknown
        }

        if (errno.Ok)
        {
            entries.Add(entry);
        }

        return errno;
    }
}
