namespace ConsistentMadvise;

/// <summary>Runs many transactions: those of one process in request order, those of different processes in parallel.</summary>
/// <remarks>
/// Safe for use by several threads. Each transaction runs on a thread of the engine, never on the thread pool, and one that has begun keeps
/// the process alive until its target is thawed, even if the main method returns. The queue is unbounded: for back-pressure,
/// await earlier requests.
/// </remarks>
public sealed class HintEngine : IDisposable, IAsyncDisposable
{
    private readonly LaneScheduler _scheduler;
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Creates an engine. Its first thread starts with the first request; idle threads exit after some seconds.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="HintEngineOptions.MaxConcurrency"/> is out of range.</exception>
    public HintEngine(HintEngineOptions? options = null)
    {
        int concurrency = (options ?? new HintEngineOptions()).MaxConcurrency;
        ArgumentOutOfRangeException.ThrowIfLessThan(concurrency, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(concurrency, HintEngineOptions.ConcurrencyLimit, nameof(options));
        _scheduler = new LaneScheduler(concurrency, LaneScheduler.DefaultIdleTime);
        Recovery = EngineRecovery.RunAsync(_disposing.Token);
    }

    /// <summary>Gets the recovery that the engine started with: what crashed engines left frozen, and whether it was thawed.</summary>
    /// <remarks>
    /// Requests do not wait for it, and the engine works whether or not it succeeds. The task fails if journals could not be searched, and is
    /// cancelled if the engine is disposed first.
    /// </remarks>
    public Task<IReadOnlyList<RecoveredFreeze>> Recovery { get; }

    /// <summary>Queues a plan, and applies it if it then still matches the target's layout.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Withdraws a queued request at once; stops a running one between two windows.</param>
    /// <returns>The outcome. When the task completes, the target runs as before.</returns>
    /// <example>
    /// <code>
    /// await using HintEngine engine = new();
    /// HintOutcome outcome = await engine.ApplyAsync(new HintRequest(target, plan), stopping);
    /// </code>
    /// </example>
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
        TargetUse use = request.Target.Use();
        try
        {
            return _scheduler.Run(request.Target.Identity, token => Run(request, token), cancellationToken, use);
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>Rejects new requests, cancels queued ones, stops running ones after their current window, and returns once nothing is frozen.</summary>
    /// <remarks>When it returns, every task of <see cref="ApplyAsync"/> has completed and no target is in use by the engine.</remarks>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _scheduler.DisposeAsync().ConfigureAwait(false);

        // Callers of Recovery observe its failure.
        await ((Task)Recovery).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static HintOutcome Run(HintRequest request, CancellationToken cancellationToken) =>
        TargetTransactions.RunInUse(request.Target, request.Plan, request.Options ?? HintOptions.Default, probe: null, cancellationToken);
}
