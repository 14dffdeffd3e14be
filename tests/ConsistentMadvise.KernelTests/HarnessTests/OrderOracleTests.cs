namespace ConsistentMadvise.KernelTests;

/// <summary>The oracle on orders that are written down here, violations above all.</summary>
public sealed class OrderOracleTests
{
    private const int Target = 10, Thread = 11, Child = 12, Caller = 20;
    private const ulong Failed = unchecked((ulong)-22);
    private const ulong CLONE_VM = 0x100, CLONE_THREAD = 0x10000;

    private readonly List<TraceEvent> _events = [];

    [Fact]
    public void Judge_NothingButHints_FindsNothing()
    {
        Call(Target, "mmap");
        Captured("1");
        Hint();
        Call(Target, "mmap");

        AssertVerdict(hints: 1, changes: 2);
        Assert.Equal("1", Judge().Each[0].Plan);
    }

    [Fact]
    public void Judge_CallBetweenCaptureAndHint_IsSinceCapture()
    {
        Captured("1");
        Call(Thread, "munmap");
        Hint();
        Captured("2");
        Hint();

        AssertVerdict(hints: 2, sinceCapture: 1, beforeReturn: 1, changes: 1);
        Assert.Equal([1, 0], Judge().Each.Select(static hint => hint.SinceCapture));
    }

    [Fact]
    public void Judge_CallInsideTheHint_IsDuringIt()
    {
        Captured("1");
        Enter(Caller, OrderOracle.Hint);
        Call(Target, "mprotect");
        Exit(Caller, OrderOracle.Hint);

        AssertVerdict(hints: 1, duringHint: 1, sinceCapture: 1, beforeReturn: 1, changes: 1);
    }

    [Fact]
    public void Judge_CallThatOutlastsTheHint_IsDuringItAndNotSurelyBefore()
    {
        Captured("1");
        Enter(Caller, OrderOracle.Hint);
        Enter(Target, "mmap");
        Exit(Caller, OrderOracle.Hint);
        Exit(Target, "mmap");

        AssertVerdict(hints: 1, duringHint: 1, sinceCapture: 1, changes: 1);
    }

    [Fact]
    public void Judge_CallUnderWayAtTheCapture_IsDuringTheHintAndNotSinceTheCapture()
    {
        Enter(Target, "mmap");
        Captured("1");
        Call(Thread, "madvise", result: Failed);
        Enter(Caller, OrderOracle.Hint);
        Exit(Target, "mmap");
        Exit(Caller, OrderOracle.Hint);

        AssertVerdict(hints: 1, duringHint: 1, changes: 1);
    }

    [Fact]
    public void Judge_LongCallOfOneThreadAfterManyOfAnother_IsFound()
    {
        Enter(Target, "mmap");
        for (int i = 0; i < 100; i++)
        {
            Call(Thread, "brk");
        }

        Captured("1");
        Enter(Caller, OrderOracle.Hint);
        Exit(Caller, OrderOracle.Hint);
        Exit(Target, "mmap");

        AssertVerdict(hints: 1, duringHint: 1, changes: 101);
    }

    [Fact]
    public void Judge_CallThatWasUnderWayAsTheTraceBegan_Counts()
    {
        Captured("1");
        Enter(Caller, OrderOracle.Hint);
        Exit(Target, "mmap");
        Exit(Caller, OrderOracle.Hint);

        AssertVerdict(hints: 1, duringHint: 1, changes: 1);
    }

    [Fact]
    public void Judge_FailedCallAndFilteredCallAndCallOfAStranger_DoNotCount()
    {
        Captured("1");
        Call(Target, "mmap", Failed);
        Exit(Target, "madvise");    // its way in was not let through
        Call(99, "mmap");
        Hint();

        AssertVerdict(hints: 1);
    }

    [Fact]
    public void Judge_ThreadAndSharerClonedMeanwhile_Count()
    {
        Captured("1");
        NewTask(Target, Child, CLONE_VM | CLONE_THREAD);
        NewTask(Child, Child + 1, CLONE_VM);
        Call(Child, "mmap");
        Call(Child + 1, "mmap");
        Hint();

        AssertVerdict(hints: 1, sinceCapture: 1, beforeReturn: 1, changes: 2);
    }

    [Fact]
    public void Judge_Fork_CountsAndTheChildDoesNot()
    {
        Enter(Target, "clone");
        NewTask(Target, Child, flags: 0);
        Call(Child, "mmap");
        Exit(Target, "clone");
        Captured("1");
        Call(Child, "mmap");
        Hint();
        Enter(Target, "clone3");
        NewTask(Target, Child + 1, CLONE_VM | CLONE_THREAD);
        Exit(Target, "clone3");

        AssertVerdict(hints: 1, changes: 1);
    }

    [Fact]
    public void Judge_ExecOfTheTarget_CountsAlsoWhenAnotherThreadMakesIt()
    {
        Captured("1");
        Enter(Thread, "execve");
        Exit(Target, "execve");
        Hint();

        AssertVerdict(hints: 1, sinceCapture: 1, beforeReturn: 1, changes: 1);
    }

    [Fact]
    public void Judge_ExecOfASharer_LeavesTheAddressSpace()
    {
        Captured("1");
        NewTask(Target, Child, CLONE_VM);
        Call(Child, "execve");
        Call(Child, "mmap");
        Hint();

        AssertVerdict(hints: 1);
    }

    [Fact]
    public void Judge_LostEvents_DecidesNothing()
    {
        Captured("1");
        Call(Target, "mmap");
        Hint();

        TraceVerdict verdict = OrderOracle.Judge(new TraceRecord(Target, [Target, Thread], _events, Lost: 1));
        Assert.Equal((1, 0, 0, 1, 1L), (verdict.Hints, verdict.DuringHint, verdict.SinceCapture, verdict.Undecided, verdict.Lost));
    }

    [Fact]
    public void Judge_NoCaptureOrNoEndOfTheHint_IsUndecided()
    {
        Hint();
        Captured("1");
        Enter(Caller, OrderOracle.Hint);

        AssertVerdict(hints: 2, undecided: 2);
    }

    [Fact]
    public void Judge_CallThatNeverCameBack_LeavesTheHintsAfterItUndecided()
    {
        Captured("1");
        Hint();
        Enter(Target, "mmap");
        Captured("2");
        Hint();

        AssertVerdict(hints: 2, undecided: 1);
    }

    private TraceVerdict Judge() => OrderOracle.Judge(new TraceRecord(Target, [Target, Thread], _events, Lost: 0));

    private void AssertVerdict(int hints, int duringHint = 0, int sinceCapture = 0, int beforeReturn = 0, int undecided = 0, int changes = 0)
    {
        TraceVerdict verdict = Judge();
        Assert.Equal(
            (hints, duringHint, sinceCapture, beforeReturn, undecided, changes),
            (verdict.Hints, verdict.DuringHint, verdict.SinceCapture, verdict.BeforeReturn, verdict.Undecided, verdict.Changes));
    }

    private void Captured(string plan) => Add(Caller, TraceEventKind.Mark, OrderOracle.Captured + plan);

    private void Hint() => Call(Caller, OrderOracle.Hint);

    private void Call(int thread, string name, ulong result = 0)
    {
        Enter(thread, name);
        Exit(thread, name, result);
    }

    private void Enter(int thread, string name) => Add(thread, TraceEventKind.Enter, name);

    private void Exit(int thread, string name, ulong result = 0) => Add(thread, TraceEventKind.Exit, name, result);

    private void NewTask(int parent, int child, ulong flags) => Add(parent, TraceEventKind.NewTask, "task_newtask", (ulong)child, flags);

    private void Add(int thread, TraceEventKind kind, string name, ulong first = 0, ulong second = 0) =>
        _events.Add(new TraceEvent((ulong)_events.Count + 1, thread, kind, name, first, second));
}
