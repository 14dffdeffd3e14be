namespace ConsistentMadvise;

/// <summary>One queued request: it is run once or cancelled first, and completes its task either way.</summary>
/// <remarks>It releases <c>held</c> before it completes the task, so that an ended task implies a target that is no longer in use.</remarks>
internal sealed class HintJob
{
    private readonly TaskCompletionSource<HintOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _token;
    private readonly CancellationTokenRegistration _registration;
    private readonly IDisposable? _held;
    private Func<CancellationToken, HintOutcome>? _transaction;

    public HintJob(Func<CancellationToken, HintOutcome> transaction, IDisposable? held, CancellationToken token)
    {
        _transaction = transaction;
        _held = held;
        _token = token;
        _registration = token.UnsafeRegister(static (job, token) => ((HintJob)job!).Withdraw(token), this);
    }

    public Task<HintOutcome> Task => _completion.Task;

    /// <summary>Completes the task as cancelled, unless it was run or cancelled already. A cancellation that runs on another thread has completed the task when this returns.</summary>
    public void Cancel(CancellationToken reason)
    {
        Withdraw(reason);
        AwaitCallback();
    }

    /// <summary>Runs the transaction on the calling thread, unless the job was cancelled. Never throws: failures go to the task.</summary>
    public void Run(CancellationToken stopping)
    {
        AwaitCallback();
        if (Claim() is not { } transaction)
        {
            return;
        }

        try
        {
            _completion.SetResult(RunAndRelease(transaction, stopping));
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

    /// <remarks>Also the token's callback, which must not touch the registration: the constructor may still be writing it.</remarks>
    private void Withdraw(CancellationToken reason)
    {
        if (Claim() is not null)
        {
            _held?.Dispose();
            _completion.SetCanceled(reason);
        }
    }

    private HintOutcome RunAndRelease(Func<CancellationToken, HintOutcome> transaction, CancellationToken stopping)
    {
        using (_held)
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_token, stopping);
            return transaction(either.Token);
        }
    }

    /// <summary>Unregisters from the caller's token. A cancellation that runs on another thread has completed the task when this returns.</summary>
    private void AwaitCallback() => _registration.Dispose();

    /// <summary>Returns the transaction to the first caller only.</summary>
    private Func<CancellationToken, HintOutcome>? Claim() => Interlocked.Exchange(ref _transaction, null);
}
