using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes the target's own cgroup v2 leaf, or a named one with all that is in it, through <c>cgroup.freeze</c>.</summary>
/// <remarks>
/// Waits on <c>cgroup.events</c> by reading it again: its poll notification is throttled to one in 10 ms, and the state in
/// <c>/proc/PID/stat</c> says sleeping. A group that another has frozen is used and never thawed.
/// </remarks>
internal sealed class CgroupFreezer : OutlivingFreezer
{
    private readonly SafeDescriptor _group;
    private readonly SafeDescriptor _freeze;
    private readonly SafeDescriptor _events;
    private readonly SafeDescriptor _processes;
    private readonly byte[] _text = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private readonly int[] _sharers;
    private readonly byte[]? _place;

    private CgroupFreezer(
        ProcessTarget target, int[] sharers, byte[]? place, IFreezeRecord record, SafeDescriptor group, SafeDescriptor freeze, SafeDescriptor events, SafeDescriptor processes)
        : base(target, record)
    {
        _group = group;
        _freeze = freeze;
        _events = events;
        _processes = processes;
        _sharers = sharers;
        _place = place;
    }

    public override FreezerKind Kind => FreezerKind.Cgroup;

    /// <summary>Opens the target's group, or the named one if that is it.</summary>
    /// <remarks>
    /// Refuses the root, a group with children, one that the caller is in, and, unless it was named, one with processes besides the target and its
    /// sharers.
    /// </remarks>
    public static FreezeResult Create(ProcessTarget target, FreezeRequest request, out CgroupFreezer? freezer)
    {
        freezer = null;
        string? mount = CgroupV2.Mount;
        byte[] text = new byte[8192];
        if (!target.Directory.ReadFile("cgroup\0"u8, text, out int count).Ok)
        {
            return FreezeResult.TargetExited;
        }

        string? path = CgroupV2.PathIn(text.AsSpan(0, count));
        string? own = CgroupV2.PathIn(File.ReadAllBytes("/proc/self/cgroup"));

        if (mount is null || path is null or "/" || (own is not null && CgroupV2.IsWithin(own, path)))
        {
            return FreezeResult.Refused(HintReason.CgroupNotUsable);
        }

        string directory = mount + path;
        if ((request.Cgroup is not null && !CgroupV2.IsSame(request.Cgroup, directory)) || !CgroupV2.IsUsable(directory))
        {
            return FreezeResult.Refused(HintReason.CgroupNotUsable);
        }

        FreezeResult opened = Open(target, request, directory, request.Cgroup is null ? null : text.AsSpan(0, count).ToArray(), ref freezer);
        FreezeResult held = freezer?.CheckMembers() ?? opened;
        if (held.Status != FreezeStatus.Frozen)
        {
            freezer?.Dispose();
            freezer = null;
        }

        return held;
    }

    public override void Rehearse()
    {
        CheckMembers();
        Kernel.Write(_freeze.Value, [], out _);
        base.Rehearse();
    }

    public override bool IsHeld() => IsFrozen(out bool frozen).Ok && frozen;

    public override void Dispose()
    {
        base.Dispose();
        _group.Dispose();
        _freeze.Dispose();
        _events.Dispose();
        _processes.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override FreezeResult HoldAll(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return FreezeResult.TimedOut(0);
        }

        if (!IsSetFrozen(out bool isSet).Ok)
        {
            return Target.HasExited ? FreezeResult.TargetExited : FreezeResult.Refused(HintReason.CgroupNotUsable);
        }

        if (!isSet)
        {
            if (!Claim())
            {
                return FreezeResult.Refused(HintReason.GuardNotAvailable);
            }

            Errno errno = Kernel.Write(_freeze.Value, "1"u8, out _);
            if (!errno.Ok)
            {
                return FreezeResult.Refused(HintReason.FreezeNotPermitted, 0, errno);
            }
        }

        if (!IsUntraced(out FreezeResult refusal))
        {
            return refusal;
        }

        Backoff backoff = default;
        while (true)
        {
            Errno errno = IsFrozen(out bool frozen);
            if (!errno.Ok || frozen)
            {
                break;
            }

            if (!backoff.Wait(deadline))
            {
                return FreezeResult.TimedOut(0);
            }
        }

        // An empty group freezes too: the target may have left it, or ended.
        return CheckMembers();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Release()
    {
        Errno errno = IsOurs ? Kernel.Write(_freeze.Value, "0"u8, out _) : Errno.None;
        if (!errno.Ok && errno != Errno.ENODEV)
        {
            throw new TargetMayBeFrozenException(Target.Pid, Kind, $"Writing 0 to its cgroup.freeze failed with {errno}; write it as a user who may.");
        }
    }

    /// <remarks>
    /// Two targets may be frozen by one group: whoever comes second would take the first one's freeze for a stranger's, and lose it. The lock is on
    /// the directory: .NET locks each file it opens, and container managers would fail to write theirs.
    /// </remarks>
    protected override bool TryLock(long deadline) => FileLock.TryTake(_group, deadline);

    protected override void Unlock() => FileLock.Release(_group);

    private static FreezeResult Open(ProcessTarget target, FreezeRequest request, string directory, byte[]? place, ref CgroupFreezer? freezer)
    {
        Errno opened = Kernel.OpenDirectory(Encoding.UTF8.GetBytes($"{directory}\0"), out int descriptor);
        SafeDescriptor group = new(descriptor);
        Errno errno = OpenFile(directory, "cgroup.freeze", Uapi.O_RDWR, out SafeDescriptor freeze);
        Errno events = OpenFile(directory, "cgroup.events", Uapi.O_RDONLY, out SafeDescriptor eventsFile);
        Errno processes = OpenFile(directory, "cgroup.procs", Uapi.O_RDONLY, out SafeDescriptor processesFile);
        errno = errno.Ok ? events.Ok ? processes.Ok ? opened : processes : events : errno;
        bool isOpen = errno.Ok;
        if (isOpen && FreezeRecords.Shared.Create(JournalEntry.OfCgroup(target, directory, InodeOf(group)), request.AllowsUnguarded, out _) is { } record)
        {
            freezer = new CgroupFreezer(target, [.. request.SharerPids], place, record, group, freeze, eventsFile, processesFile);
            return FreezeResult.Frozen;
        }

        group.Dispose();
        freeze.Dispose();
        eventsFile.Dispose();
        processesFile.Dispose();
        return isOpen ? FreezeResult.Refused(HintReason.GuardNotAvailable)
            : errno == Errno.ENOENT
            ? FreezeResult.Refused(HintReason.CgroupNotUsable, 0, errno)
            : FreezeResult.Refused(HintReason.FreezeNotPermitted, 0, errno);
    }

    private static Errno OpenFile(string directory, string name, int flags, out SafeDescriptor file)
    {
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, Encoding.UTF8.GetBytes($"{directory}/{name}\0"), flags, out int descriptor);
        file = new SafeDescriptor(descriptor);
        return errno;
    }

    private static ulong InodeOf(SafeDescriptor group) => Kernel.FileStatus(group.Value, out ulong inode, out _).Ok ? inode : 0;

    private Errno IsFrozen(out bool frozen)
    {
        Errno errno = Kernel.ReadAt(_events.Value, _text, 0, out int count);
        frozen = errno.Ok && _text.AsSpan(0, count).IndexOf("frozen 1"u8) >= 0;
        return errno;
    }

    private Errno IsSetFrozen(out bool isSet)
    {
        Errno errno = Kernel.ReadAt(_freeze.Value, _text, 0, out int count);
        isSet = errno.Ok && count > 0 && _text[0] == '1';
        return errno;
    }

    /// <summary>Whether the target still is where it was, in a group that may be too long to be read here.</summary>
    private bool IsInPlace(byte[] place)
    {
        Span<byte> text = stackalloc byte[4096];
        return Target.Directory.ReadFile("cgroup\0"u8, text, out int count).Ok && text[..count].SequenceEqual(place);
    }

    /// <summary>Whether a freeze of the group holds the target and its sharers, and, unless it was named, nobody else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private FreezeResult CheckMembers()
    {
        Errno errno = Kernel.ReadAt(_processes.Value, _text, 0, out int count);
        CgroupMembers members = new(_text.AsSpan(0, errno.Ok ? count : 0));
        if (_place is null ? !members.Contains(Target.Pid) || members.HasOthers(Target.Pid, _sharers) : !IsInPlace(_place))
        {
            return Target.HasExited ? FreezeResult.TargetExited : FreezeResult.Refused(HintReason.CgroupNotUsable);
        }

        foreach (int sharer in _sharers)
        {
            if (!members.Contains(sharer) && Target.Sharers.IsSharer(sharer))
            {
                return FreezeResult.Refused(HintReason.AddressSpaceShared, sharer);
            }
        }

        return FreezeResult.Frozen;
    }
}
