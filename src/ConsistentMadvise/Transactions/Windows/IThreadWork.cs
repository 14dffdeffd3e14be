namespace ConsistentMadvise;

/// <summary>Work that a <see cref="TransactionThread"/> runs while another thread waits for it.</summary>
internal interface IThreadWork
{
    /// <summary>Runs it. Returns false if the thread must exit after it.</summary>
    bool Run();

    /// <summary>Called by the waiting thread every few milliseconds while the work runs; true abandons the thread. The thread must then exit, and the work must not touch the caller's state.</summary>
    bool GivesUp();
}
