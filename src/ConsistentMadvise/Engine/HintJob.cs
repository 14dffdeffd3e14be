namespace ConsistentMadvise;

/// <summary>One queued request: it is run once or cancelled first, and completes its task either way.</summary>
internal sealed class HintJob
{
    private readonly TaskCompletionSource<HintOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _token;
    private readonly CancellationTokenRegistration _registration;
    private Func<CancellationToken, HintOutcome>? _transaction;

    public HintJob(Func<CancellationToken, HintOutcome> transaction, CancellationToken token)
    {
        _transaction = transaction;
        _token = token;
        _registration = token.UnsafeRegister(static (job, token) => ((HintJob)job!).Cancel(token), this);
    }

    public Task<HintOutcome> Task => _completion.Task;

    /// <summary>Completes the task as cancelled, unless it was run or cancelled already.</summary>
    public void Cancel(CancellationToken reason)
    {
        if (Claim() is not null)
        {
            _completion.SetCanceled(reason);
        }
    }

    /// <summary>Runs the transaction on the calling thread, unless the job was cancelled. Never throws: failures go to the task.</summary>
    public void Run(CancellationToken stopping)
    {
        if (Claim() is not { } transaction)
        {
            return;
        }

        _registration.Dispose();
        try
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_token, stopping);
            _completion.SetResult(transaction(either.Token));
        }
        catch (OperationCanceledException) when (_token.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            _completion.SetCanceled(_token.IsCancellationRequested ? _token : stopping);
        }
        catch (Exception failure)
        {
            _completion.SetException(failure);
        }
    }

    /// <summary>Returns the transaction to the first caller only.</summary>
    private Func<CancellationToken, HintOutcome>? Claim() => Interlocked.Exchange(ref _transaction, null);
}
