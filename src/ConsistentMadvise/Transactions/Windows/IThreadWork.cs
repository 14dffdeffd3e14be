namespace ConsistentMadvise;

/// <summary>What a <see cref="TransactionThread"/> runs for a thread that waits for it.</summary>
internal interface IThreadWork
{
    /// <summary>Runs it. Returns false when the thread must end after it.</summary>
    bool Run();

    /// <summary>Asked by the waiting thread every few milliseconds while it runs; true leaves the thread to itself. It must end then, and the work may touch nothing of the caller's.</summary>
    bool GivesUp();
}
