using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The guard as our own program: it thaws what its owner's journal records as held when the owner has exited, and each freeze whose pause limit has passed.</summary>
/// <remarks>It tracks its owner by pidfd: a child that the owner forked keeps the pipe and the lock of the journal open, but is not the owner.</remarks>
internal sealed class GuardProgram
{
    /// <summary>How often to check a freeze that may take effect after the guard has acted.</summary>
    private static readonly long RetryTicks = Stopwatch.Frequency / 100;

    private readonly string _journal;
    private readonly JournalDirectory _directory;
    private readonly JournalOwner _owner;
    private readonly SafeDescriptor _process;
    private readonly SafeDescriptor _input;
    private readonly WatchPage _page;
    private readonly Func<int, bool> _isFrozen;
    private readonly Func<long> _act;

    private GuardProgram(string journal, JournalDirectory directory, JournalOwner owner, SafeDescriptor process, SafeDescriptor input, WatchPage page)
    {
        _journal = journal;
        _directory = directory;
        _owner = owner;
        _process = process;
        _input = input;
        _page = page;
        _isFrozen = entry => TryRead(entry, out JournalEntry read) && FoundFreeze.IsHeld(read);
        _act = () => Act(Stopwatch.GetTimestamp());
    }

    /// <summary>Guards until the owner has exited or closed its end of the input. Returns false, and the reason, if it could not start.</summary>
    /// <param name="journal">The directory of the journal.</param>
    /// <param name="ready">Called once it guards, with the line that its owner waits for.</param>
    /// <param name="why">Why it could not start.</param>
    public static bool Run(string journal, Action<string> ready, out string why)
    {
        PosixSignalRegistration[] ignored = GuardSurroundings.IgnoreSignals();
        GuardSurroundings.Settle();
        why = Open(journal, out GuardProgram? guard);
        if (guard is null)
        {
            return false;
        }

        guard.WarmUp();
        guard.FinishOthers();
        ready(FreezeGuard.ReadyLine(Environment.ProcessId));
        guard.Watch();
        guard.ThawAll();
        Array.ForEach(ignored, static registration => registration.Dispose());
        return true;
    }

    private static string Open(string journal, out GuardProgram? guard)
    {
        guard = null;
        Errno errno = JournalRoots.Open(journal, out SafeDescriptor opened);
        JournalDirectory directory = new(opened);
        byte[] text = [];
        errno = errno.Ok ? directory.Read("owner\0"u8, out text) : errno;
        if (!errno.Ok || JournalOwner.Parse(Encoding.UTF8.GetString(text)) is not { Process: { } identity } owner)
        {
            return $"the owner of {journal} could not be read: {errno}";
        }

        errno = FoundProcess.Open(identity, owner.IsOfSameBoot(JournalOwner.Current), out SafeDescriptor? process, out _);
        if (process is null)
        {
            return errno.Ok ? "its owner has exited" : $"its owner could not be checked: {errno}";
        }

        WatchPage? page = null;
        errno = Kernel.OpenAt(opened, "watch\0"u8, Uapi.O_RDWR, out SafeDescriptor file);
        errno = errno.Ok ? WatchPage.Map(file, out page) : errno;
        file.Dispose();
        if (!errno.Ok)
        {
            return $"the page that it shares with its owner could not be mapped: {errno}";
        }

        guard = new GuardProgram(journal, directory, owner, process, Kernel.StandardInput(), page!);
        return string.Empty;
    }

    /// <summary>Runs the code of a thaw, so that nothing is compiled or loaded while a target waits.</summary>
    /// <remarks>It runs on this process, which ignores a SIGCONT; a group is only checked. With a process that does not exist the code returned too early, which left 5 ms of compilation.</remarks>
    private void WarmUp()
    {
        GuardWarmup.Run();
        JournalOwner itself = JournalOwner.Current;
        ProcessIdentity own = itself.Process ?? default;
        JournalEntryHead head = new(true, FreezerKind.Signal, own.Pid, own.StartTime, 0, own.PidfdInode);
        if (own.Pid != 0 && JournalEntry.TryParse(new JournalEntry(head, default).ToBytes(), out JournalEntry entry))
        {
            FoundFreeze.IsHeld(entry);
            FoundFreeze.Thaw(entry, itself);
        }

        if (CgroupV2.ReadMounts(out IReadOnlyList<CgroupMount> mounts).Ok && mounts.Count != 0
            && Kernel.OpenDirectory(mounts[0].Point.Terminated, out SafeDescriptor root).Ok)
        {
            Kernel.FileStatus(root, out ulong inode, out _);
            root.Dispose();
            FoundFreeze.IsHeld(new JournalEntry(head with { Kind = FreezerKind.Cgroup, CgroupInode = inode }, mounts[0].Point));
        }

        TryRead(0, out _);
        Act(Stopwatch.GetTimestamp());
    }

    private void Watch()
    {
        Span<byte> wakes = stackalloc byte[64];
        while (true)
        {
            long earliest = _page.PublishSleep(_act);
            _page.CountLook();
            long wait = earliest == long.MaxValue ? -1 : Math.Max(0, earliest - Stopwatch.GetTimestamp());
            Errno errno = Kernel.WaitReadable(_process, _input, wait, out bool hasExited, out bool isWoken);
            _page.WakesAt = 0; // awake: the owner need not wake us
            if (hasExited || (isWoken && Kernel.Read(_input, wakes, out int count).Ok && count == 0))
            {
                return;
            }

            if (!errno.Ok && errno != Errno.EINTR)
            {
                Kernel.Sleep(RetryTicks); // no memory for the call: poll to keep the deadlines
            }
        }
    }

    /// <summary>Thaws each freeze whose deadline has passed, and returns when the next deadline is due.</summary>
    private long Act(long now)
    {
        long earliest = long.MaxValue;
        for (int i = 0; i < _page.Count; i++)
        {
            WatchSlot slot = _page.At(i);
            long seen = slot.Look(retryAt: now, out long at);
            if (at <= now && slot.TryFire(seen, _isFrozen))
            {
                Fire(slot);
            }

            slot.Look(now + RetryTicks, out at);
            earliest = Math.Min(earliest, at);
        }

        return earliest;
    }

    /// <summary>Completes what the previous guard had started when it was killed.</summary>
    private void FinishOthers()
    {
        for (int i = 0; i < _page.Count; i++)
        {
            if (_page.At(i) is { IsFiring: true } slot)
            {
                Fire(slot);
            }
        }
    }

    private void Fire(WatchSlot slot)
    {
        if (TryRead(slot.Entry, out JournalEntry entry) && entry.Head.IsHeld)
        {
            FoundFreeze.Thaw(entry, _owner);
        }

        slot.EndFire();
    }

    private bool TryRead(int number, out JournalEntry entry)
    {
        entry = default;
        byte[] name = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{JournalEntry.FilePrefix}{number}\0"));
        return _directory.Read(name, out byte[] text).Ok && JournalEntry.TryParse(text, out entry);
    }

    /// <remarks>A freeze that could not be undone stays recorded for a recovery.</remarks>
    private void ThawAll()
    {
        Errno errno = _directory.ReadHeld(out IReadOnlyList<JournalEntry> held);
        bool isAnyLeft = !errno.Ok;
        foreach (JournalEntry entry in held)
        {
            isAnyLeft |= FoundFreeze.Thaw(entry, _owner).MayBeFrozen;
        }

        if (!isAnyLeft)
        {
            try
            {
                Directory.Delete(_journal, recursive: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // The journal records nothing as held. A recovery removes it.
            }
        }
    }
}
