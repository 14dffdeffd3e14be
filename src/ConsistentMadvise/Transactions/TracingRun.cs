using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Runs windows on a tracing thread, and ends without it if one of its <c>PTRACE_SEIZE</c> calls does not return: no target, caller or engine waits for that call.</summary>
/// <remarks>A thread that is given up owns what it still uses: the freezer, the lock, and a reference to the target. It disposes them once the call returns.</remarks>
internal sealed class TracingRun(TransactionState state, ITracingFreezer freezer, TargetLock targetLock, WindowLoop windows, CancellationToken cancellationToken) : IThreadWork
{
    private readonly TargetUse _use = state.Target.UseFurther();
    private TransactionStop _stop;
    private int _held;

    /// <exception cref="TargetMayBeFrozenException">The thread was given up, and holds threads of the target until the call returns.</exception>
    public TransactionStop RunOnThread()
    {
        try
        {
            bool hasRun = TransactionThread.TryRun(this, out bool isGivenUp);
            state.IsGivenUp = isGivenUp;
            if (!isGivenUp && !hasRun)
            {
                return TransactionStop.CouldNotLook(Errno.EAGAIN);
            }
        }
        finally
        {
            if (!state.IsGivenUp)
            {
                _use.Dispose();
            }
        }

        if (!state.IsGivenUp)
        {
            freezer.ConfirmRelease();
            return _stop;
        }

        if (_held != 0)
        {
            throw new TargetMayBeFrozenException(
                state.Target.Pid, FreezerKind.Ptrace, $"Thread {_held} is held until its process completes execve(2): PTRACE_SEIZE does not return before that. End this process, and the kernel thaws the target.");
        }

        return TransactionStop.Executing(state.Target.Pid);
    }

    public bool Run()
    {
        try
        {
            _stop = windows.Run(cancellationToken);
            return !freezer.MustEndThread;
        }
        catch (TracingGivenUpException)
        {
            CleanUp();
            return false;
        }
    }

    public bool GivesUp() => freezer.GivesUp(out _held);

    private void CleanUp()
    {
        using (_use)
        using (targetLock)
        using (freezer)
        {
            freezer.Thaw();
        }
    }
}
