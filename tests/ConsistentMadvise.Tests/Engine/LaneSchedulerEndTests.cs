using System.Collections.Concurrent;
using static ConsistentMadvise.Tests.Lanes;

namespace ConsistentMadvise.Tests;

/// <summary>How jobs end that do not simply run: withdrawn, failed, or closed with their scheduler.</summary>
public sealed class LaneSchedulerEndTests
{
    [Fact]
    public async Task Run_CancelledBefore_NeverRuns()
    {
        await using LaneScheduler scheduler = Create(threads: 1);

        Task<HintOutcome> task = scheduler.Run(Process(1), static _ => throw new InvalidOperationException("It ran."), new CancellationToken(canceled: true));

        Assert.True(task.IsCanceled);
    }

    [Fact]
    public async Task Run_CancelledWhileQueued_IsWithdrawnAtOnceAndTheNextRuns()
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
    public async Task Dispose_WhileRequestsKeepComing_CompletesAndReleasesEachBeforeItReturns()
    {
        for (int round = 0; round < 8; round++)
        {
            LaneScheduler scheduler = Create(threads: 3);
            ConcurrentBag<Task<HintOutcome>> accepted = [];
            using ManualResetEventSlim enough = new();
            using CancellationTokenSource withdrawn = new();
            HeldCounter held = new();
            Task[] callers = [.. Enumerable.Range(0, 3).Select(caller => Task.Run(() =>
            {
                for (int i = 0; ; i++)
                {
                    try
                    {
                        accepted.Add(scheduler.Run(Process(1 + ((caller + i) % 5)), static _ => Outcome(1), i % 3 == 0 ? withdrawn.Token : default, held));
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

            Task withdrawing = withdrawn.CancelAsync();
            await scheduler.DisposeAsync();
            await Task.WhenAll(callers);

            // No await: the tasks have completed by now.
            Assert.All(accepted, static task => Assert.True(task.Status is TaskStatus.RanToCompletion or TaskStatus.Canceled, $"{task.Status}"));
            Assert.Equal(accepted.Count, held.Released);
            await withdrawing;
        }
    }
}
