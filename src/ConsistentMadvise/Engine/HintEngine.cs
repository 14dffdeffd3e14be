namespace ConsistentMadvise;

/// <summary>Runs many transactions: those of one process one after another, in the order of the requests, and those of different processes side by side.</summary>
/// <remarks>
/// Safe for use by several threads. Each transaction runs on a thread of the engine, never on the thread pool, and one that has begun keeps
/// the process from ending under a frozen target when the main method returns. Waiting requests are not bounded in number: who
/// requests faster than the kernel can advise awaits the earlier ones.
/// </remarks>
public sealed class HintEngine : IDisposable, IAsyncDisposable
{
    private readonly LaneScheduler _scheduler;
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Creates an engine. It has no thread before the first request, and none that is idle for longer than some seconds.</summary>
    /// <param name="options">How it works; the defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The options ask for a concurrency out of its range.</exception>
    public HintEngine(HintEngineOptions? options = null)
    {
        int concurrency = (options ?? new HintEngineOptions()).MaxConcurrency;
        ArgumentOutOfRangeException.ThrowIfLessThan(concurrency, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(concurrency, HintEngineOptions.ConcurrencyLimit, nameof(options));
        _scheduler = new LaneScheduler(concurrency, LaneScheduler.DefaultIdleTime);
        Recovery = EngineRecovery.RunAsync(_disposing.Token);
    }

    /// <summary>Gets the recovery that the engine began with: what engines before it left frozen, and what became of that.</summary>
    /// <remarks>
    /// Requests do not wait for it, and the engine works whether or not it succeeds. The task fails when journals could not be looked for, and is
    /// cancelled when the engine is disposed meanwhile.
    /// </remarks>
    public Task<IReadOnlyList<RecoveredFreeze>> Recovery { get; }

    /// <summary>Applies a plan when it is the request's turn, if the plan then still fits the target's layout.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">While the request waits: takes it back at once. Once it runs: stops between two windows.</param>
    /// <returns>How it ended. When the task completes, the target is as it was found.</returns>
    /// <remarks>Privileges and exceptions of the task are those of <c>Apply</c> on the target.</remarks>
    /// <exception cref="ArgumentException">The plan is for a process with another pid.</exception>
    /// <exception cref="ObjectDisposedException">The engine, or the target, was disposed.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel lacks the call, the advice, or what the options ask for.</exception>
    /// <exception cref="TargetMayBeFrozenException">The target could not be thawed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the engine was disposed, before anything was advised.</exception>
    public Task<HintOutcome> ApplyAsync(HintRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(request.Target, nameof(request));
        ArgumentNullException.ThrowIfNull(request.Plan, nameof(request));
        return _scheduler.Run(request.Target.Identity, token => request.Target.Apply(request.Plan, request.Options, token), cancellationToken);
    }

    /// <summary>Refuses new requests, cancels those that wait, stops those that run behind their current window, and returns when no target is held any more.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _scheduler.DisposeAsync().ConfigureAwait(false);

        // How it ended is for whoever asks for it.
        await ((Task)Recovery).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
