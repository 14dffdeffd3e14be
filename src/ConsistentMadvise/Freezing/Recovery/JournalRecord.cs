using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The record of one freezer in the journal. Arming it writes one byte to a file that already exists.</summary>
[RunsFrozen]
internal sealed class JournalRecord : IFreezeRecord
{
    private readonly FreezeJournal _journal;
    private readonly int _number;
    private readonly SafeDescriptor _file;
    private readonly JournalEntryHead _head;
    private readonly bool _mustBeGuarded;
    private readonly RecordWatch? _watch;
    private bool _isHeld;

    public JournalRecord(FreezeJournal journal, int number, SafeDescriptor file, JournalEntryHead head, bool mustBeGuarded, RecordWatch? watch)
    {
        _journal = journal;
        _number = number;
        _file = file;
        _head = head;
        _mustBeGuarded = mustBeGuarded;
        _watch = watch;
    }

    public void WarmUp()
    {
        CanBeHeld();
        _watch?.WarmUp();
        TryMark(isHeld: false);
        IsClaimedByAnother(out _);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryMark(bool isHeld)
    {
        if (isHeld && _watch is { } watch && !watch.TryArm()) // the guard's deadline is set before there is anything to thaw
        {
            return false;
        }

        if (!isHeld)
        {
            _watch?.Disarm();
        }

        bool isWritten = (!isHeld || CanBeHeld()) && Kernel.WriteAt(_file, isHeld ? "1"u8 : "0"u8, 0, out int count).Ok && count == 1;
        if (isHeld && !isWritten)
        {
            _watch?.Disarm();
        }

        _isHeld = isWritten ? isHeld : _isHeld;
        return isWritten;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryHold() => _watch?.TryHold() ?? true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Renew() => _watch?.Renew();

    public bool HasFired => _watch is { HasFired: true };

    public bool IsPastLimit => _watch is { IsPast: true };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno IsClaimedByAnother(out bool isClaimed) => _journal.Others.FindClaim(_head, out isClaimed);

    /// <remarks>A freeze that could not be undone stays recorded: the guard will try again, or a recovery.</remarks>
    public void Dispose()
    {
        _file.Dispose();
        _watch?.Dispose();
        if (!_isHeld)
        {
            _journal.Remove(_number);
        }
    }

    /// <remarks>No recovery would find a file that was unlinked.</remarks>
    private bool CanBeHeld() => Kernel.FileStatus(_file, out _, out ulong links).Ok && links > 0 && (_journal.IsGuarded || !_mustBeGuarded);
}
