using System.Collections.Concurrent;

namespace ConsistentMadvise.Tests;

public sealed class LaneSchedulerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Run_OneProcess_KeepsTheOrderAndRunsOneAtATime()
    {
        await using LaneScheduler scheduler = Create(threads: 4);
        List<int> order = [];
        int inside = 0;
        Task<HintOutcome>[] tasks = [.. Enumerable.Range(0, 500).Select(i => scheduler.Run(
            Process(1),
            _ =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                order.Add(i);
                Interlocked.Decrement(ref inside);
                return Outcome((ulong)i);
            },
            default))];

        HintOutcome[] outcomes = await Task.WhenAll(tasks);

        Assert.Equal(Enumerable.Range(0, 500), order);
        Assert.Equal(Enumerable.Range(0, 500), outcomes.Select(static outcome => (int)outcome.BytesAdvised));
    }

    [Fact]
    public async Task Run_TwoProcesses_RunSideBySide()
    {
        await using LaneScheduler scheduler = Create(threads: 2);
        using Barrier both = new(2);
        Task<HintOutcome>[] tasks = [.. Enumerable.Range(1, 2).Select(pid => scheduler.Run(
            Process(pid),
            token =>
            {
                Assert.True(both.SignalAndWait(Patience, token), "both run at the same time");
                return Outcome(0);
            },
            default))];

        await Task.WhenAll(tasks);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(0)] // every thread ends as soon as it has nothing to do
    public async Task Run_ManyCallersAndProcesses_KeepsEachCallersOrderWithinTheBound(int idleMilliseconds)
    {
        const int Threads = 3, Callers = 4, Processes = 7, Each = 60;
        await using LaneScheduler scheduler = new(Threads, TimeSpan.FromMilliseconds(idleMilliseconds));
        ConcurrentQueue<(int Caller, int Process, int Number)> ran = [];
        int inside = 0, most = 0;
        HintOutcome Transact(int caller, int process, int number)
        {
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            ran.Enqueue((caller, process, number));
            Thread.Yield();
            Interlocked.Decrement(ref inside);
            return Outcome(0);
        }

        Task<HintOutcome>[][] tasks = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() =>
            (Task<HintOutcome>[])[.. Enumerable.Range(0, Each).SelectMany(number => Enumerable.Range(1, Processes).Select(process =>
                scheduler.Run(Process(process), _ => Transact(caller, process, number), default)))])));
        await Task.WhenAll(tasks.SelectMany(static all => all));

        Assert.Equal(Callers * Processes * Each, ran.Count);
        Assert.InRange(most, 1, Threads);
        foreach (IGrouping<(int, int), (int, int, int Number)> group in ran.GroupBy(static job => (job.Caller, job.Process)))
        {
            Assert.Equal(Enumerable.Range(0, Each), group.Select(static job => job.Number));
        }
    }

    [Fact]
    public async Task Run_AnyTransaction_HasAThreadThatTheProcessWaitsFor()
    {
        await using LaneScheduler scheduler = Create(threads: 1);

        Thread thread = await OnThread(scheduler, static thread =>
        {
            Assert.False(thread.IsThreadPoolThread);
            Assert.False(thread.IsBackground);
        });

        Assert.Equal("ConsistentMadvise engine", thread.Name);
    }

    [Fact]
    public async Task Run_NothingMoreToDo_TheThreadEnds()
    {
        await using LaneScheduler scheduler = new(1, TimeSpan.Zero);

        Thread first = await OnThread(scheduler, static _ => { });
        Assert.True(first.Join(Patience), "an idle thread ends");
        Thread second = await OnThread(scheduler, static _ => { });

        Assert.NotEqual(first.ManagedThreadId, second.ManagedThreadId);
    }

    [Fact]
    public async Task Run_CancelledBefore_NeverRuns()
    {
        await using LaneScheduler scheduler = Create(threads: 1);

        Task<HintOutcome> task = scheduler.Run(Process(1), static _ => throw new InvalidOperationException("It ran."), new CancellationToken(canceled: true));

        Assert.True(task.IsCanceled);
    }

    [Fact]
    public async Task Run_CancelledWhileItWaits_IsTakenBackAtOnceAndTheNextRuns()
    {
        await using LaneScheduler scheduler = Create(threads: 1);
        using CancellationTokenSource cancellation = new();
        using ManualResetEventSlim gate = new();
        Task<HintOutcome> first = scheduler.Run(Process(1), _ => Wait(gate), default);
        Task<HintOutcome> second = scheduler.Run(Process(1), static _ => throw new InvalidOperationException("It ran."), cancellation.Token);
        Task<HintOutcome> third = scheduler.Run(Process(1), static _ => Outcome(3), default);

        await cancellation.CancelAsync();

        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.False(first.IsCompleted);
        gate.Set();
        Assert.Equal(3ul, (await third).BytesAdvised);
    }

    [Fact]
    public async Task Run_CancelledWhileItRuns_TheTransactionDecides()
    {
        await using LaneScheduler scheduler = Create(threads: 2);
        using CancellationTokenSource cancellation = new();
        using CountdownEvent running = new(2);
        Task<HintOutcome> untouched = scheduler.Run(
            Process(1),
            token =>
            {
                running.Signal();
                token.WaitHandle.WaitOne(Patience);
                throw new OperationCanceledException(token);
            },
            cancellation.Token);
        Task<HintOutcome> partial = scheduler.Run(
            Process(2),
            token =>
            {
                running.Signal();
                return token.WaitHandle.WaitOne(Patience) ? Outcome(1) : default;
            },
            cancellation.Token);
        Assert.True(running.Wait(Patience));

        await cancellation.CancelAsync();

        Assert.Equal(cancellation.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => untouched)).CancellationToken);
        Assert.True(untouched.IsCanceled);
        Assert.Equal(1ul, (await partial).BytesAdvised);
    }

    [Fact]
    public async Task Run_ATransactionFails_TheFailureIsPassedOnAndTheNextRuns()
    {
        await using LaneScheduler scheduler = Create(threads: 1);
        TargetMayBeFrozenException failure = new(7, FreezerKind.Cgroup, "It could not be thawed.");
        OperationCanceledException notOurs = new();

        Task<HintOutcome> first = scheduler.Run(Process(7), _ => throw failure, default);
        Task<HintOutcome> second = scheduler.Run(Process(7), _ => throw notOurs, default);
        Task<HintOutcome> third = scheduler.Run(Process(7), static _ => Outcome(3), default);

        Assert.Same(failure, await Assert.ThrowsAsync<TargetMayBeFrozenException>(() => first));
        Assert.Same(notOurs, await Assert.ThrowsAsync<OperationCanceledException>(() => second));
        Assert.False(second.IsCanceled);
        Assert.Equal(3ul, (await third).BytesAdvised);
    }

    [Fact]
    public async Task Dispose_OneRunsAndOthersWait_StopsTheOneAwaitsItAndCancelsTheOthers()
    {
        LaneScheduler scheduler = Create(threads: 1);
        using ManualResetEventSlim began = new(), gate = new();
        Task<HintOutcome> running = scheduler.Run(
            Process(1),
            token =>
            {
                began.Set();
                token.WaitHandle.WaitOne(Patience);
                return Wait(gate);
            },
            default);
        Task<HintOutcome> sameProcess = scheduler.Run(Process(1), static _ => throw new InvalidOperationException("It ran."), default);
        Task<HintOutcome> otherProcess = scheduler.Run(Process(2), static _ => throw new InvalidOperationException("It ran."), default);
        Assert.True(began.Wait(Patience));

        Task closing = scheduler.DisposeAsync().AsTask();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sameProcess);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => otherProcess);
        Assert.Throws<ObjectDisposedException>(() => { _ = scheduler.Run(Process(3), static _ => Outcome(0), default); });
        Assert.False(closing.IsCompleted);
        Assert.False(running.IsCompleted);
        gate.Set();
        await closing;
        Assert.Equal(HintStatus.Applied, (await running).Status);
        await scheduler.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_NothingWasEverRun_Completes()
    {
        LaneScheduler scheduler = Create(threads: 1);

        await scheduler.DisposeAsync();
        await scheduler.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_WhileRequestsKeepComing_LosesNone()
    {
        for (int round = 0; round < 8; round++)
        {
            LaneScheduler scheduler = Create(threads: 3);
            ConcurrentBag<Task<HintOutcome>> accepted = [];
            using ManualResetEventSlim enough = new();
            Task[] callers = [.. Enumerable.Range(0, 3).Select(caller => Task.Run(() =>
            {
                for (int i = 0; ; i++)
                {
                    try
                    {
                        accepted.Add(scheduler.Run(Process(1 + ((caller + i) % 5)), static _ => Outcome(1), default));
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }

                    if (i == 20)
                    {
                        enough.Set();
                    }
                }
            }))];
            Assert.True(enough.Wait(Patience));

            await scheduler.DisposeAsync();
            await Task.WhenAll(callers);

            Assert.All(await Task.WhenAll(accepted.Select(static task => task.ContinueWith(static done => done.Status, TaskScheduler.Default))),
                static status => Assert.True(status is TaskStatus.RanToCompletion or TaskStatus.Canceled, $"{status}"));
        }
    }

    private static LaneScheduler Create(int threads) => new(threads, LaneScheduler.DefaultIdleTime);

    private static ProcessIdentity Process(int pid) => new(pid, 1, 1);

    private static HintOutcome Outcome(ulong bytes) => HintOutcome.Applied(new HintReport { BytesAdvised = bytes });

    private static HintOutcome Wait(ManualResetEventSlim gate) => gate.Wait(Patience) ? Outcome(0) : throw new TimeoutException();

    private static async Task<Thread> OnThread(LaneScheduler scheduler, Action<Thread> look)
    {
        Thread? thread = null;
        await scheduler.Run(
            Process(1),
            _ =>
            {
                thread = Thread.CurrentThread;
                look(thread);
                return Outcome(0);
            },
            default);
        return thread!;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
