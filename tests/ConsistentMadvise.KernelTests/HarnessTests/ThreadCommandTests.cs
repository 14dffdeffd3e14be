namespace ConsistentMadvise.KernelTests;

public sealed class ThreadCommandTests : IDisposable
{
    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void Thread_One_AddsAThreadAndItsStack()
    {
        int threads = ThreadStatus.ReadAll(_target.Pid).Count;
        string before = MapsEntry.ReadText(_target.Pid);

        _target.StartThread();

        Assert.Equal(threads + 1, ThreadStatus.ReadAll(_target.Pid).Count);
        Assert.NotEqual(before, MapsEntry.ReadText(_target.Pid));
        _target.AssertRuns();
    }

    [Fact]
    public void Threads_Asleep_AreQuiet()
    {
        int threads = ThreadStatus.ReadAll(_target.Pid).Count;

        _target.StartThreads(64);

        string maps = MapsEntry.ReadText(_target.Pid);
        IReadOnlyList<ThreadStatus> all = ThreadStatus.ReadAll(_target.Pid);
        Assert.Equal(threads + 64, all.Count);
        for (int read = 0; read < 50; read++)
        {
            _target.Send("ping");
            Assert.Equal(maps, MapsEntry.ReadText(_target.Pid));
        }

        _target.AssertRuns();
    }

    [Fact]
    public void Threads_Spinning_Run()
    {
        _target.StartThreads(2, spin: true);

        string maps = MapsEntry.ReadText(_target.Pid);
        Eventually.Holds(() => ThreadStatus.ReadAll(_target.Pid).Count(static thread => thread.State[0] == 'R') >= 2, "two threads are runnable");
        Assert.Equal(maps, MapsEntry.ReadText(_target.Pid));
        _target.AssertRuns();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void Churn_UntilStopped_ChangesTheArenaAndNothingElse(int operationsPerSecond)
    {
        _target.StartChurn(operationsPerSecond, seed: 1);
        _target.StopChurn();
        string[] Outside(ulong arena, int pages) => [.. MapsEntry.ReadAll(_target.Pid).Where(entry => entry.End <= arena || entry.Start >= arena + ((ulong)pages * 4096)).Select(static entry => entry.ToString())];
        int Inside(ulong arena, int pages) => MapsEntry.ReadAll(_target.Pid).Count(entry => entry.Start >= arena && entry.End <= arena + ((ulong)pages * 4096));

        (ulong arena, int pages) = _target.StartChurn(operationsPerSecond, seed: 7);
        Eventually.Holds(() => Inside(arena, pages) > 10, "the arena fills");
        string[] outside = Outside(arena, pages);
        Eventually.Holds(() => Inside(arena, pages) > 20, "the arena fills more");
        Assert.Equal(outside, Outside(arena, pages));
        (long operations, long damaged) = _target.StopChurn();

        Assert.True(operations > 10);
        Assert.Equal(0, damaged);
        Assert.Equal(0, Inside(arena, pages));
        _target.AssertRuns();
    }

    [Fact]
    public void Churn_ContentsChangedFromOutside_AreReported()
    {
        (ulong arena, int pages) = _target.StartChurn(200, seed: 3);
        MapsEntry victim = null!;
        Eventually.Holds(
            () => (victim = MapsEntry.ReadAll(_target.Pid).FirstOrDefault(entry => entry.Start >= arena && entry.End <= arena + ((ulong)pages * 4096))!) is not null,
            "something is mapped in the arena");
        _target.Signal(19);
        _target.WaitUntilStopped();
        MapsEntry[] now = [.. MapsEntry.ReadAll(_target.Pid).Where(entry => entry.Start >= arena && entry.End <= arena + ((ulong)pages * 4096))];
        using (FileStream memory = new($"/proc/{_target.Pid}/mem", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            RandomAccess.Write(memory.SafeFileHandle, new byte[8], (long)now[0].Start);
        }

        _target.Signal(18);

        Assert.Equal(1, _target.StopChurn().Damaged);
        _target.AssertRuns();
    }

    [Fact]
    public void GapRecorder_StoppedTarget_SeesTheGap()
    {
        _target.StartGapRecorder();
        _target.Signal(19);
        _target.WaitUntilStopped();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        string maps = MapsEntry.ReadText(_target.Pid);
        TimeSpan stopped = System.Diagnostics.Stopwatch.GetElapsedTime(start);
        Assert.NotEmpty(maps);
        _target.Signal(18);

        Assert.True(_target.LargestGap() >= stopped);
        _target.StopGapRecorder();
        _target.AssertRuns();
    }
}
