using System.Diagnostics;
using ConsistentMadvise.Interop;

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

    [Fact]
    public void GapRecorder_StoppedTarget_SeesTheGap()
    {
        _target.StartGapRecorder();
        _target.Signal(Uapi.SIGSTOP);
        _target.WaitUntilStopped();
        long start = Stopwatch.GetTimestamp();
        _ = Kernel.Sleep(2_000_000);
        TimeSpan stopped = Stopwatch.GetElapsedTime(start);
        _target.Signal(Uapi.SIGCONT);

        Assert.True(_target.LargestGap() >= stopped);
        _target.StopGapRecorder();
        _target.AssertRuns();
    }
}
