using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A target of many threads, of which one enters a call that no freezer interrupts: a freeze stays in its middle until that thread continues.</summary>
internal sealed class HalfwayTarget : IDisposable
{
    public const int Threads = 100;
    private const int Pages = 16;

    private readonly string _file = Path.GetTempFileName();
    private readonly CProgram _program;
    private readonly SafeDescriptor _pidfd;
    private readonly UserfaultManager _faults;
    private readonly TestCgroup _cgroup;
    private readonly ulong _planned;
    private readonly ulong _missing;
    private bool _hasExecuted;

    public HalfwayTarget()
    {
        DiskFile.Write(_file, Bytes);
        _program = CProgram.StartApart("halfway", _file, $"{Pages}", $"{Threads}");
        string[] words = _program.ReadLine()!.Split(' ');
        Pid = int.Parse(words[0], CultureInfo.InvariantCulture);
        Assert.Equal(Errno.None, Kernel.PidfdOpen(Pid, out _pidfd));
        _planned = ulong.Parse(words[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _missing = ulong.Parse(words[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _faults = new UserfaultManager(_pidfd, int.Parse(words[1], CultureInfo.InvariantCulture), _missing, 1);
        _cgroup = new TestCgroup(Pid);
        Eventually.Holds(() => ThreadFiles.List(Pid).Length == Threads, "every thread was started");
    }

    public int Pid { get; }

    private static int Bytes => Pages * Environment.SystemPageSize;

    public HintPlan Plan(ProcessTarget target, bool withSequence)
    {
        PageLists.Settle();
        LayoutSnapshot layout = target.Capture();
        Assert.True(layout.Token.Sequence is not null, "a target at rest has a sequence");
        LayoutToken text = new(layout.Process, layout.Token.VmaCount, layout.Token.Hash);
        return HintPlan.Create(withSequence ? layout : layout.With(text, layout.CapturedAt), Advice.PageOut, [new AddressRange(_planned, _planned + (ulong)Bytes)]);
    }

    /// <summary>Has one thread enter the call, and waits until it is in it.</summary>
    public void Enter(HalfwayEvent what)
    {
        _program.WriteLine(what == HalfwayEvent.Exec ? "exec" : "look");
        Assert.Equal(_missing, _faults.AwaitFault());
    }

    /// <summary>Waits until every other thread is held.</summary>
    public void AwaitMiddle(FreezerKind freezer) => Eventually.Holds(() => CountHeld(freezer) == Threads - 1, "all threads but one are held");

    public void Act(HalfwayEvent what)
    {
        File.ReadAllBytes(_file); // the machine may page out of its own accord what no process uses
        PageLists.Settle();
        if (what is HalfwayEvent.Kill or HalfwayEvent.Continue)
        {
            Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_pidfd, what == HalfwayEvent.Kill ? Uapi.SIGKILL : Uapi.SIGCONT));
        }

        if (what != HalfwayEvent.Kill)
        {
            _faults.Zero(_missing);
        }
    }

    /// <summary>Waits until the program that one thread has executed says that it runs.</summary>
    public void AwaitExec()
    {
        if (!_hasExecuted)
        {
            Assert.Equal("again", _program.ReadLine());
            _hasExecuted = true;
        }
    }

    public Verdict Look() => PageCache.Holds(_file, Bytes) ? Verdict.LeftAlone : Verdict.AsPlanned;

    /// <summary>Asserts that it runs again, or was reaped.</summary>
    public void AssertEnd(HalfwayEvent what)
    {
        Assert.False(_cgroup.IsSetFrozen, "its cgroup is thawed");
        if (what == HalfwayEvent.Kill)
        {
            Eventually.Holds(() => !Directory.Exists($"/proc/{Pid}"), "the target was reaped");
            return;
        }

        if (what == HalfwayEvent.Exec)
        {
            AwaitExec();
        }
        else
        {
            Assert.Equal("seen", _program.ReadLine());
        }

        Eventually.Holds(() => ThreadFiles.List(Pid).Length == Threads, "every thread is there");
        Assert.All(ThreadStatus.ReadAll(Pid), static thread => Assert.True(!thread.IsStopped && thread.TracerPid == 0, $"the target's {thread}"));
    }

    public void Dispose()
    {
        _ = Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL);
        _program.Dispose();
        _faults.Dispose();
        _pidfd.Dispose();
        _cgroup.Dispose();
        File.Delete(_file);
    }

    /// <remarks>A thread that is held by its cgroup says that it sleeps; where it sleeps says more (<c>kernel/signal.c</c>).</remarks>
    private int CountHeld(FreezerKind freezer) => freezer == FreezerKind.Cgroup
        ? ThreadFiles.List(Pid).Count(tid => ThreadFiles.TryRead(Pid, tid, "wchan", out string place) && (place.StartsWith("do_freezer_trap", StringComparison.Ordinal) || place.StartsWith("get_signal", StringComparison.Ordinal)))
        : ThreadStatus.ReadThoseLeft(Pid).Count(static thread => thread.IsStopped);
}
