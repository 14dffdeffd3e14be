using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

public sealed class HarnessTests
{
    [Fact]
    public void QuietTarget_WhilePinged_KeepsItsMaps()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        string first = MapsEntry.ReadText(target.Pid);

        for (int read = 0; read < 200; read++)
        {
            target.Send("ping");
            Assert.Equal(first, MapsEntry.ReadText(target.Pid));
        }

        target.AssertRuns();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Start_AsChildOrNot_HasThatParent(bool asChild)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start(asChild);

        string[] status = File.ReadAllLines($"/proc/{target.Pid}/status");

        Assert.Equal(asChild, status.Contains($"PPid:\t{Environment.ProcessId}"));
        target.AssertRuns();
    }

    [Fact]
    public void Start_Target_AnswersWithItsPid()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();

        Assert.Equal([$"{target.Pid}"], target.Send("pid"));
        target.AssertRuns();
    }

    [Fact]
    public void AssertRuns_StoppedTarget_Fails()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        target.AssertRuns();

        target.Signal(Uapi.SIGSTOP);
        target.WaitUntilStopped();
        Exception failure = Assert.ThrowsAny<Exception>(target.AssertRuns);
        target.Signal(Uapi.SIGCONT);

        Assert.Contains("is in state T", failure.Message, StringComparison.Ordinal);
        target.Send("ping");
        target.AssertRuns();
    }

    [KernelFact(Needs.Ptrace)]
    public void AssertRuns_TracedTarget_Fails()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        int tracer = Kernel.ThreadId();   // TracerPid names the thread

        Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_SEIZE, target.Pid, 0));
        Exception failure = Assert.ThrowsAny<Exception>(target.AssertRuns);
        Detach(target.Pid);

        Assert.Contains($"its tracer is {tracer}", failure.Message, StringComparison.Ordinal);
        target.AssertRuns();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Target_EndOfInput_Ends(bool asChild)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start(asChild);

        target.CloseInput();

        target.WaitUntilGone();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dispose_RunningTarget_LeavesNoProcess(bool asChild)
    {
        RaceTargetProcess target = RaceTargetProcess.Start(asChild);
        int child = target.Fork();

        target.Dispose();

        Assert.False(Directory.Exists($"/proc/{target.Pid}"));
        Assert.False(Directory.Exists($"/proc/{child}"));
    }

    [Fact]
    public void Send_RefusedCommands_ThrowWithTheirErrnoAndChangeNothing()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        string before = MapsEntry.ReadText(target.Pid);

        foreach ((string command, string errno) in ((string, string)[])
        [
            ("bogus", "ENOSYS"),
            ("map", "EINVAL"),
            ("map 0", "EINVAL"),
            ("map 1 rw more", "EINVAL"),
            ("unmap 1 1", "EINVAL"),
            ("mapfile /does/not/exist 1", "ENOENT"),
            ("gap read", "EINVAL"),
            ("churn stop", "EINVAL"),
            ("unrest stop", "EINVAL"),
            ("stack 1000000", "EFAULT"),
            ("exec other", "EINVAL"),
            ("rename zz", "EINVAL"),
            ("untraced", "EINVAL"),
            ("contstorm stop", "EINVAL"),
            ("onsignal count", "EINVAL"),
            ("uring reap", "EBADF"),
        ])
        {
            RaceTargetException failure = Assert.Throws<RaceTargetException>(() => target.Send(command));
            Assert.Contains($"'error {errno} ", failure.Message, StringComparison.Ordinal);
            Assert.Equal(before, MapsEntry.ReadText(target.Pid));
        }

        target.AssertRuns();
    }

    private static void Detach(int tid)
    {
        Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, tid, 0));
        Eventually.Holds(() => Kernel.WaitTracee(tid, out int waited, out _).Ok && waited == tid, "the interrupted thread stopped");
        Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_DETACH, tid, 0));
    }
}
