namespace ConsistentMadvise.RaceTarget;

/// <summary>A thread that ends, and of which nothing is left when its end was waited for.</summary>
internal sealed class WorkerThread
{
    private const int StackBytes = 256 << 10;

    private readonly Thread _thread;
    private ulong _tid;

    public WorkerThread(ThreadStart body)
    {
        _thread = new Thread(
            () =>
            {
                _tid = (ulong)Native.Call(SyscallNumber.Gettid);
                body();
            },
            StackBytes);
    }

    public void Start() => _thread.Start();

    /// <summary>Waits until the kernel knows the thread no more: the runtime's own wait ends while the thread still unmaps its signal stack.</summary>
    public void Join()
    {
        _thread.Join();
        while (Native.Call(SyscallNumber.Tgkill, (ulong)Environment.ProcessId, _tid, 0) == 0)
        {
            Native.Sleep(20_000);
        }
    }
}
