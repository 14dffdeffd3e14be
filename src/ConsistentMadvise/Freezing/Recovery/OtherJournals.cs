using System.Runtime.CompilerServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the journals in our own root, of live and dead engines, without allocating.</summary>
internal sealed class OtherJournals
{
    /// <summary>Belongs to the calling thread, which also uses them in its warm-up: 8 KB per record made up most of a transaction's garbage.</summary>
    [ThreadStatic]
    private static byte[]? s_journals;

    [ThreadStatic]
    private static byte[]? s_files;

    private readonly byte[] _root;
    private readonly byte[] _own;
    private readonly byte[] _boot;
    private readonly byte[] _pidNamespace;

    public OtherJournals(string ownJournal)
    {
        JournalOwner current = JournalOwner.Current;
        _root = Encoding.UTF8.GetBytes($"{Path.GetDirectoryName(ownJournal)}\0");
        _own = Encoding.UTF8.GetBytes($"{Path.GetFileName(ownJournal)}\0");
        _boot = Encoding.UTF8.GetBytes(current.BootId);
        _pidNamespace = Encoding.UTF8.GetBytes(current.PidNamespace);
    }

    private static byte[] Journals => s_journals ??= GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    private static byte[] Files => s_files ??= GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>Determines whether one of them claims to hold this process or this group.</summary>
    /// <returns>The error that kept a journal from being read; its claim is then unknown.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno FindClaim(JournalEntryHead head, out bool isClaimed)
    {
        isClaimed = false;
        Errno errno = Kernel.OpenDirectory(_root, out LocalFile root);
        using (root)
        {
            int bytes = 0;
            while (errno.Ok && !isClaimed && (errno = Kernel.ReadDirectory(in root, Journals, out bytes)).Ok && bytes > 0)
            {
                DirectoryNames names = new(Journals.AsSpan(0, bytes));
                while (errno.Ok && !isClaimed && names.TryTake(out ReadOnlySpan<byte> name))
                {
                    bool isOther = name[0] != (byte)'.' && !name.SequenceEqual(_own);
                    errno = isOther ? FindClaimIn(in root, name, head, out isClaimed) : Errno.None;
                }
            }

            return WithoutGone(errno);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno FindClaimIn(in LocalFile root, ReadOnlySpan<byte> name, JournalEntryHead head, out bool isClaimed)
    {
        isClaimed = false;
        Errno errno = Kernel.OpenEntry(in root, name, Uapi.O_RDONLY, out LocalFile journal);
        using (journal)
        {
            if (!errno.Ok || IsOfOtherBoot(in journal, out bool sharesPids))
            {
                return WithoutGone(errno);
            }

            int bytes = 0;
            while (errno.Ok && !isClaimed && (errno = Kernel.ReadDirectory(in journal, Files, out bytes)).Ok && bytes > 0)
            {
                DirectoryNames names = new(Files.AsSpan(0, bytes));
                while (errno.Ok && !isClaimed && names.TryTake(out ReadOnlySpan<byte> file))
                {
                    errno = file.StartsWith("freeze-"u8) ? IsClaim(in journal, file, head, sharesPids, out isClaimed) : Errno.None;
                }
            }

            return WithoutGone(errno);
        }
    }

    /// <remarks>An engine that exits removes its journal. A symbolic link, or a file that is no directory, is no journal.</remarks>
    private static Errno WithoutGone(Errno errno) =>
        errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP ? Errno.None : errno;

    /// <summary>Whether the owner wrote before the last boot: then a pid and a start time may refer to another process.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="sharesPids">Whether the owner's pids are valid in our pid namespace.</param>
    /// <remarks>A journal whose owner cannot be read may belong to a running engine: its claim counts.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsOfOtherBoot(in LocalFile journal, out bool sharesPids)
    {
        sharesPids = true;
        Span<byte> text = stackalloc byte[256];
        if (!Read(in journal, "owner\0"u8, text, out int count).Ok)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[..count];
        Take(ref rest); // the version
        ReadOnlySpan<byte> boot = Take(ref rest);
        sharesPids = Take(ref rest).SequenceEqual(_pidNamespace);
        return !boot.IsEmpty && !boot.SequenceEqual(_boot) && !boot.SequenceEqual("unknown"u8) && !"unknown"u8.SequenceEqual(_boot);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Errno IsClaim(in LocalFile journal, ReadOnlySpan<byte> file, JournalEntryHead head, bool sharesPids, out bool isClaim)
    {
        Span<byte> text = stackalloc byte[160]; // the path is not read
        Errno errno = Read(in journal, file, text, out int count);
        isClaim = errno.Ok && JournalEntryHead.TryParse(text[..count], out JournalEntryHead other, out _) && other.IsHeld && other.Overlaps(head, sharesPids);
        return WithoutGone(errno);
    }

    private static Errno Read(in LocalFile journal, ReadOnlySpan<byte> name, Span<byte> text, out int count)
    {
        count = 0;
        Errno errno = Kernel.OpenEntry(in journal, name, Uapi.O_RDONLY, out LocalFile file);
        using (file)
        {
            return errno.Ok ? Kernel.Read(in file, text, out count) : errno;
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return word;
    }
}
