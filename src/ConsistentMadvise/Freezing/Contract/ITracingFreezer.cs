namespace ConsistentMadvise;

/// <summary>A freezer that may hold threads as their tracer: it runs on a thread of its own, since only the end of that detaches a thread that cannot stop.</summary>
internal interface ITracingFreezer : IFreezer
{
    /// <summary>Whether a tracee is left that only the end of this thread detaches.</summary>
    bool MustEndThread { get; }

    /// <summary>For the thread that waits for the tracing one, every few milliseconds: helps a call that waits for an execve(2) of the target, and gives the thread up when that takes too long.</summary>
    /// <param name="held">A thread that stays held until the call returns; 0 when there is none.</param>
    /// <returns>True once it was given up: when the call returns, it leaves the windows by a <see cref="TracingGivenUpException"/>.</returns>
    bool GivesUp(out int held);

    /// <summary>Waits, after the tracing thread has exited, until the kernel has released what that thread could not detach.</summary>
    /// <exception cref="TargetMayBeFrozenException">It still is traced a second later.</exception>
    void ConfirmRelease();
}
