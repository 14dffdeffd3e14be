namespace ConsistentMadvise;

/// <summary>A freezer that may hold threads as their tracer: it runs on a thread of its own, since only the end of that detaches a thread that cannot stop.</summary>
internal interface ITracingFreezer : IFreezer
{
    /// <summary>Whether a tracee is left that only the end of this thread detaches.</summary>
    bool MustEndThread { get; }

    /// <summary>Waits, after the tracing thread has ended, until the kernel has let go of what that thread could not detach.</summary>
    /// <exception cref="TargetMayBeFrozenException">It still is traced a second later.</exception>
    void ConfirmRelease();
}
