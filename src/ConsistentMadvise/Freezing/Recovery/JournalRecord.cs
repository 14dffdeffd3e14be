using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The record of one freezer in the journal. Arming is one byte in a file that is there already.</summary>
internal sealed class JournalRecord : IFreezeRecord
{
    private readonly FreezeJournal _journal;
    private readonly string _path;
    private readonly SafeDescriptor _file;
    private readonly JournalEntryHead _head;
    private readonly bool _mustBeGuarded;
    private readonly OtherJournals _others;
    private bool _isHeld;

    public JournalRecord(FreezeJournal journal, string path, SafeDescriptor file, JournalEntryHead head, bool mustBeGuarded)
    {
        _journal = journal;
        _path = path;
        _file = file;
        _head = head;
        _mustBeGuarded = mustBeGuarded;
        _others = new OtherJournals(journal.Path);
    }

    public void Rehearse()
    {
        CanBeHeld();
        TryMark(isHeld: false);
        IsClaimedByAnother();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryMark(bool isHeld)
    {
        bool isWritten = (!isHeld || CanBeHeld()) && Kernel.WriteAt(_file.Value, isHeld ? "1"u8 : "0"u8, 0, out int count).Ok && count == 1;
        _isHeld = isWritten ? isHeld : _isHeld;
        return isWritten;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool IsClaimedByAnother() => _others.Claim(_head);

    /// <remarks>What could not be thawed stays written down: the guard will try again, or a recovery.</remarks>
    public void Dispose()
    {
        _file.Dispose();
        if (!_isHeld && _journal.IsIntact)
        {
            File.Delete(_path);
        }
    }

    /// <remarks>A file without a name is one that nobody would find.</remarks>
    private bool CanBeHeld() => Kernel.FileStatus(_file.Value, out _, out ulong links).Ok && links > 0 && (_journal.IsGuarded || !_mustBeGuarded);
}
