namespace ConsistentMadvise;

/// <summary>A freezer that may hold threads as their tracer. It runs on a thread of its own, because only the exit of that thread detaches a tracee that cannot stop.</summary>
internal interface ITracingFreezer : IFreezer
{
    /// <summary>Whether a tracee is left that only the exit of this thread detaches.</summary>
    bool MustEndThread { get; }

    /// <summary>Called every few milliseconds by the thread that waits for the tracing one: helps a call that waits for the target's exec, and gives the tracing thread up if that takes too long.</summary>
    /// <param name="held">A thread that stays held until the call returns; 0 if there is none.</param>
    /// <returns>True once the tracing thread was given up: when the call returns, that thread leaves the windows by a <see cref="TracingGivenUpException"/>.</returns>
    bool GivesUp(out int held);

    /// <summary>Waits, after the tracing thread has exited, until the kernel has detached what that thread could not.</summary>
    /// <exception cref="TargetMayBeFrozenException">A thread is still traced a second later.</exception>
    void ConfirmRelease();
}
