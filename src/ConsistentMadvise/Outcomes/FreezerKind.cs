namespace ConsistentMadvise;

/// <summary>How the target is frozen.</summary>
public enum FreezerKind
{
    /// <summary>
    /// Chosen by availability and measured cost: <see cref="Ptrace"/>; <see cref="Cgroup"/> if that is clearly cheaper (many threads), the
    /// target is alone in a leaf and a guard is available; <see cref="Cgroup"/> or <see cref="Signal"/> if the caller may not trace the target, and for its
    /// children, whose ptrace stops .NET would reap. Tries the next if one is refused, denied or locked.
    /// </summary>
    Auto = 0,

    /// <summary>
    /// <c>PTRACE_SEIZE</c> and <c>PTRACE_INTERRUPT</c> of every thread (ptrace(2)). The kernel undoes it when the caller dies. Needs the right
    /// to trace the target; refused while another tracer holds it.
    /// </summary>
    Ptrace = 1,

    /// <summary>
    /// <c>cgroup.freeze</c> of the target's own cgroup v2 leaf, or of <see cref="HintOptions.Cgroup"/>. Needs the right to write
    /// there, and a guard, which thaws when the caller dies.
    /// </summary>
    Cgroup = 2,

    /// <summary><c>SIGSTOP</c> to every thread, <c>SIGCONT</c> to thaw. Needs the right to signal, and a guard, which thaws when the caller dies; the target's parent is notified.</summary>
    Signal = 3,
}
