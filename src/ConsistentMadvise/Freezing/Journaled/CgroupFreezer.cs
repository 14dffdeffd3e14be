using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes the target's own cgroup v2 leaf, or a named group with all its members, through <c>cgroup.freeze</c>.</summary>
/// <remarks>
/// Polls <c>cgroup.events</c> by reading it again: its poll notification is throttled to one in 10 ms, and the state in
/// <c>/proc/PID/stat</c> reads "sleeping". A group that another process has frozen is used and never thawed.
/// </remarks>
[RunsFrozen]
internal sealed class CgroupFreezer : JournaledFreezer
{
    /// <summary>20 ms: twice what another engine's window takes, unless that engine requested longer ones.</summary>
    private static readonly long LockPatience = Stopwatch.Frequency / 50;

    private readonly CgroupFiles _files;
    private readonly CgroupMembership _members;
    private readonly WriteWatch _writes;

    private CgroupFreezer(ProcessTarget target, CgroupMembership members, IFreezeRecord record, ThreadList threads, CgroupFiles files)
        : base(target, record, threads)
    {
        _files = files;
        _members = members;
        _writes = new WriteWatch(files.Freeze);
    }

    public override FreezerKind Kind => FreezerKind.Cgroup;

    /// <summary>Whether the group's lock is held for longer than a window takes: by another engine at long work or, where any process may take the lock, by any process.</summary>
    public bool IsLockedByAnother
    {
        get
        {
            bool isTaken = FileLock.TryTake(_files.Lock, Stopwatch.GetTimestamp() + LockPatience);
            FileLock.Release(_files.Lock);
            return !isTaken;
        }
    }

    /// <summary>Opens the target's group, or the named one.</summary>
    /// <remarks>
    /// Refuses the root, a group with children, one that the caller is in and, unless it was named, one with processes other than the target and its
    /// sharers.
    /// </remarks>
    public static TransactionStop Create(ProcessTarget target, FreezeRequest request, out CgroupFreezer? freezer)
    {
        freezer = null;
        TransactionStop result = CgroupFiles.Open(target, request.Cgroup, out CgroupFiles? files);
        if (files is null)
        {
            return result;
        }

        Errno errno = ThreadList.Open(target, out ThreadList? threads);
        if (threads is null)
        {
            files.Dispose();
            return TransactionStop.Unreadable(target, errno);
        }

        if (FreezeRecords.Shared.Create(JournalEntry.OfCgroup(target, files.Path, files.Inode), request.AllowsUnguarded, out string why, request.PauseLimit) is not { } record)
        {
            files.Dispose();
            threads.Dispose();
            return TransactionStop.Refused(HintReason.GuardNotAvailable) with { Detail = why };
        }

        CgroupMembership members = new(target, files.Processes, [.. request.SharerPids], files.Place);
        freezer = new CgroupFreezer(target, members, record, threads, files);
        result = members.Check();
        if (!result.IsNone)
        {
            freezer.Dispose();
            freezer = null;
        }

        return result;
    }

    public override void WarmUp()
    {
        _members.Check();
        _writes.Take();
        IsSetFrozen(out _);
        Kernel.Write(_files.Freeze, [], out _);
        base.WarmUp();
    }

    public override TransactionStop Survey()
    {
        TransactionStop result = _members.Survey();
        return result.IsNone ? base.Survey() : result;
    }

    /// <remarks>
    /// The group must be frozen, the target in it, and no thread of the target traced: a tracer can continue a thread of a frozen group. All threads are in their
    /// leader's group or below it, where they are frozen too: a thread can leave the others only between groups of one threaded subtree.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Errno IsHeld(out bool isHeld)
    {
        Errno errno = IsFrozen(out isHeld);
        if (!errno.Ok || !isHeld)
        {
            return errno;
        }

        int tracer = 0;
        TransactionStop members = _members.Check();
        errno = members.Reason == HintReason.CouldNotLook ? members.Errno : Threads.FindTraced(out tracer);
        isHeld = members.IsNone && tracer == 0;
        return errno;
    }

    public override void Dispose()
    {
        base.Dispose();
        _writes.Dispose();
        _files.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override TransactionStop HoldAll(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return TransactionStop.TimedOut(0);
        }

        Errno errno = IsSetFrozen(out bool isSet);
        if (!errno.Ok)
        {
            return TransactionStop.UnreadableGroup(Target, errno);
        }

        if (!isSet)
        {
            if (!Claim())
            {
                return TransactionStop.Refused(HintReason.GuardNotAvailable);
            }

            errno = Kernel.Write(_files.Freeze, "1"u8, out _);
            _writes.Take(); // our own write
            if (!errno.Ok)
            {
                return TransactionStop.Refused(HintReason.FreezeNotPermitted, 0, errno);
            }
        }

        Backoff backoff = default;
        while (true)
        {
            errno = IsFrozen(out bool frozen);
            if (!errno.Ok)
            {
                return TransactionStop.UnreadableGroup(Target, errno);
            }

            if (frozen)
            {
                break;
            }

            if (!backoff.Wait(deadline))
            {
                return TransactionStop.TimedOut(0);
            }
        }

        // An empty group freezes too: the target may have left the group or exited.
        return _members.Check();
    }

    /// <remarks>
    /// A freeze that another process requested since is left in place: that process wrote to the file, and the file reads 1. A request between this check
    /// and our write can still be lost.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Release()
    {
        if (IsOurs && _writes.Take() && IsSetFrozen(out bool isSet).Ok && isSet)
        {
            return;
        }

        Errno errno = IsOurs ? Kernel.Write(_files.Freeze, "0"u8, out _) : Errno.None;
        if (!errno.Ok && errno != Errno.ENODEV)
        {
            throw new TargetMayBeFrozenException(Target.Pid, Kind, $"Writing 0 to its cgroup.freeze failed with {errno}; write it as a user with permission.");
        }
    }

    /// <remarks>One group may freeze two targets. Without the lock, the second would mistake the first one's freeze for a foreign one and be thawed with it.</remarks>
    protected override bool TryLock(long deadline) => FileLock.TryTake(_files.Lock, deadline);

    protected override void Unlock() => FileLock.Release(_files.Lock);

    private Errno IsFrozen(out bool frozen)
    {
        Span<byte> text = stackalloc byte[1024];
        Errno errno = Kernel.ReadAt(_files.Events, text, 0, out int count);
        frozen = errno.Ok && text[..count].IndexOf("frozen 1"u8) >= 0;
        return errno;
    }

    private Errno IsSetFrozen(out bool isSet)
    {
        Span<byte> text = stackalloc byte[4];
        Errno errno = Kernel.ReadAt(_files.Freeze, text, 0, out int count);
        isSet = errno.Ok && count > 0 && text[0] == '1';
        return errno;
    }
}
