namespace ConsistentMadvise.KernelTests;

/// <summary>What the kernel does in the target's place: workers of io_uring(7), and handlers of signals.</summary>
public sealed class KernelCommandTests : IDisposable
{
    private const ulong Page = 4096;
    private const int EINVAL = 22;
    private const int SIGUSR1 = 10;
    private const int MADV_DONTNEED = 4;
    private const int MADV_DONTFORK = 10;

    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [KernelFact(Needs.IoUring)]
    public void OpenRing_ThenClosed_AddsItsMappingsAndTakesThemAway()
    {
        string before = MapsEntry.ReadText(_target.Pid);
        int lines = MapsEntry.ReadAll(_target.Pid).Count;

        _target.OpenRing();

        Assert.Equal(2, MapsEntry.ReadAll(_target.Pid).Count(static entry => entry.Path == "anon_inode:[io_uring]"));
        Assert.Equal(lines + 2, MapsEntry.ReadAll(_target.Pid).Count);
        Assert.Throws<RaceTargetException>(_target.OpenRing);
        _target.CloseRing();
        Assert.Equal(before, MapsEntry.ReadText(_target.Pid));
        Assert.Throws<RaceTargetException>(_target.CloseRing);
        _target.AssertRuns();
    }

    [KernelFact(Needs.IoUring)]
    public void AdviseByRing_PagesAndVmas_IsDoneWhenItAnswers()
    {
        ulong address = _target.MapTouched(8);
        _target.OpenRing();

        Assert.Equal(0, _target.AdviseByRing(address, 3, MADV_DONTNEED));
        Assert.Equal((5, 0), _target.Resident(address, 8));
        Assert.Equal(0, _target.AdviseByRing(address + Page, 2, MADV_DONTFORK));
        Assert.Equal([address, address + Page, address + (3 * Page)], MapsEntry.ReadAll(_target.Pid).Select(static entry => entry.Start).Where(start => start >= address && start < address + (8 * Page)));
        Assert.Equal(-EINVAL, _target.AdviseByRing(address, 1, 9999));
        Assert.Contains(Workers(_target.Pid), static name => name.StartsWith("iou-wrk-", StringComparison.Ordinal));
        _target.AssertRuns();
    }

    [KernelFact(Needs.IoUring)]
    public void PostToRing_ManyTimes_AreAllReaped()
    {
        ulong address = _target.MapTouched(64);
        _target.OpenRing();

        _target.PostToRing(address, 64, MADV_DONTNEED, times: 60);
        _target.PostToRing(address, 1, 9999);
        Assert.Equal((61, -EINVAL), _target.ReapRing());

        Assert.Equal((0, 0), _target.ReapRing());
        Assert.Equal((0, 0), _target.Resident(address, 64));
        Assert.Throws<RaceTargetException>(() => _target.PostToRing(address, 64, MADV_DONTNEED, RaceTargetProcess.MostPosted + 1));
        _target.AssertRuns();
    }

    [KernelFact(Needs.X64)]
    public void MapOnSignal_SignalsOneByOne_MapsEachTime()
    {
        string quiet = MapsEntry.ReadText(_target.Pid);
        IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);
        _target.MapOnSignal(3);
        Assert.Equal(quiet, MapsEntry.ReadText(_target.Pid));

        for (int time = 1; time <= 5; time++)
        {
            _target.Signal(SIGUSR1);
            Eventually.Holds(() => _target.CountMappedOnSignal() == (time, 0), "the handler has run"); // two at once would be one
        }

        MapsEntry[] mapped = [.. MapsEntry.ReadAll(_target.Pid).Except(before)];
        Assert.Equal(5, mapped.Length);
        Assert.All(mapped, static entry => Assert.Equal((3 * Page, "rw-p"), (entry.End - entry.Start, entry.Permissions)));
        _target.StopMappingOnSignal();
        Assert.Equal(quiet, MapsEntry.ReadText(_target.Pid));
        _target.AssertRuns();
    }

    [KernelFact(Needs.X64)]
    public void MapOnSignal_BusyThreads_MapsOnWhicheverTakesIt()
    {
        _target.StartThreads(8, spin: true);
        _target.MapOnSignal(1);
        int sent = 0;
        Eventually.Holds(
            () =>
            {
                _target.Signal(SIGUSR1);
                sent++;
                return _target.CountMappedOnSignal().Mapped >= 50;
            },
            "the handler has run often");

        Assert.InRange(_target.CountMappedOnSignal().Mapped, 50, sent);
        Assert.Equal(0, _target.CountMappedOnSignal().Refused);
        _target.AssertRuns();
    }

    private static IEnumerable<string> Workers(int pid)
    {
        foreach (int tid in ThreadFiles.List(pid))
        {
            if (ThreadFiles.TryRead(pid, tid, "comm", out string name))
            {
                yield return name;
            }
        }
    }
}
