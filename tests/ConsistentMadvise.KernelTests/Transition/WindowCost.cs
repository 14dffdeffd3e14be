using System.Runtime;

namespace ConsistentMadvise.KernelTests;

/// <summary>Counts what the transaction's thread allocates and compiles from the first request to stop until the thaw.</summary>
internal sealed class WindowCost : ITransactionProbe
{
    private long _allocated;
    private long _compiled;

    public WindowCost()
    {
        // The calls themselves are compiled at their first use.
        _ = JitInfo.GetCompiledMethodCount(currentThread: true);
        _ = GC.GetAllocatedBytesForCurrentThread();
    }

    public long AllocatedBytes { get; private set; }

    public long CompiledMethods { get; private set; }

    public void At(TransactionPhase phase)
    {
        if (phase == TransactionPhase.Freezing)
        {
            _allocated = GC.GetAllocatedBytesForCurrentThread();
            _compiled = JitInfo.GetCompiledMethodCount(currentThread: true);
        }
        else if (phase == TransactionPhase.Thawed)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long compiled = JitInfo.GetCompiledMethodCount(currentThread: true);
            AllocatedBytes += allocated - _allocated;
            CompiledMethods += compiled - _compiled;
        }
    }
}
