using System.Runtime.CompilerServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks through the journals beside our own, of engines alive or dead, without allocating.</summary>
internal sealed class OtherJournals
{
    private readonly byte[] _root;
    private readonly byte[] _own;
    private readonly byte[] _journals = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private readonly byte[] _files = GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    public OtherJournals(string ownJournal)
    {
        _root = Encoding.UTF8.GetBytes($"{Path.GetDirectoryName(ownJournal)}\0");
        _own = Encoding.UTF8.GetBytes($"{Path.GetFileName(ownJournal)}\0");
    }

    /// <summary>Whether one of them says that it holds this process or this group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Claim(JournalEntryHead head)
    {
        if (!Kernel.OpenDirectory(_root, out int root).Ok)
        {
            return false;
        }

        bool isClaimed = false;
        while (!isClaimed && Kernel.ReadDirectory(root, _journals, out int bytes).Ok && bytes > 0)
        {
            DirectoryNames names = new(_journals.AsSpan(0, bytes));
            while (!isClaimed && names.TryTake(out ReadOnlySpan<byte> name))
            {
                isClaimed = name[0] != (byte)'.' && !name.SequenceEqual(_own) && ClaimIn(root, name, head);
            }
        }

        Kernel.Close(root);
        return isClaimed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool ClaimIn(int root, ReadOnlySpan<byte> name, JournalEntryHead head)
    {
        if (!Kernel.OpenAt(root, name, Uapi.O_RDONLY, out int journal).Ok)
        {
            return false;
        }

        bool isClaimed = false;
        while (!isClaimed && Kernel.ReadDirectory(journal, _files, out int bytes).Ok && bytes > 0)
        {
            DirectoryNames names = new(_files.AsSpan(0, bytes));
            while (!isClaimed && names.TryTake(out ReadOnlySpan<byte> file))
            {
                isClaimed = file.StartsWith("freeze-"u8) && ClaimBy(journal, file, head);
            }
        }

        Kernel.Close(journal);
        return isClaimed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool ClaimBy(int journal, ReadOnlySpan<byte> file, JournalEntryHead head)
    {
        if (!Kernel.OpenAt(journal, file, Uapi.O_RDONLY, out int descriptor).Ok)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[128]; // the path is not looked at
        Errno errno = Kernel.Read(descriptor, text, out int count);
        Kernel.Close(descriptor);
        return errno.Ok && JournalEntryHead.TryParse(text[..count], out JournalEntryHead other, out _) && other.IsHeld && other.Overlaps(head);
    }
}
