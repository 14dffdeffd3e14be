using System.Collections.Concurrent;
using static ConsistentMadvise.Tests.Lanes;

namespace ConsistentMadvise.Tests;

public sealed class LaneSchedulerTests
{
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

        Assert.NotSame(first, second);
    }

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
