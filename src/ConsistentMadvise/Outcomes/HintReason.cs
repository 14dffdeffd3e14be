namespace ConsistentMadvise;

/// <summary>Why a transaction did not apply the whole plan.</summary>
public enum HintReason
{
    /// <summary>There is nothing to explain.</summary>
    None = 0,

    /// <summary>The layout is not the one that the plan was made from.</summary>
    LayoutChanged,

    /// <summary>The layout changed while the ranges were advised.</summary>
    LayoutMovedMeanwhile,

    /// <summary>The process called <c>execve(2)</c>: the address space of the plan is gone.</summary>
    AddressSpaceReplaced,

    /// <summary>The plan has expired.</summary>
    PlanExpired,

    /// <summary>The process has exited.</summary>
    TargetExited,

    /// <summary>The process of the plan has exited, and its pid belongs to another.</summary>
    PidReused,

    /// <summary>The layout sequence of this process cannot be read, or the plan has none or one too old to compare.</summary>
    SequenceNotAvailable,

    /// <summary>Collapsing moves the sequence itself, so the sequence cannot show a race: a freeze is needed.</summary>
    CollapseMovesTheSequence,

    /// <summary>A range covers a hole, or a mapping that must not be hinted.</summary>
    RangeNotMapped,

    /// <summary>The caller may not hint this process: <c>EACCES</c> (no right to read it) or <c>EPERM</c> (no <c>CAP_SYS_NICE</c>).</summary>
    NotPermitted,

    /// <summary>The caller may not freeze this process.</summary>
    FreezeNotPermitted,

    /// <summary>The thread-group leader has exited while other threads live: the kernel cannot advise such a process.</summary>
    ThreadGroupLeaderExited,

    /// <summary>It is the process with pid 1.</summary>
    InitProcess,

    /// <summary>It is an ancestor of the caller: freezing it might leave no process able to thaw it.</summary>
    AncestorOfCaller,

    /// <summary>It is a child of the caller, whose ptrace stops .NET's own SIGCHLD handling may reap; use another freezer.</summary>
    ChildOfCaller,

    /// <summary>Another process traces it, and could thaw it at any moment.</summary>
    TracedByAnother,

    /// <summary>Its cgroup cannot be frozen for it alone: the root, not a leaf, shared with other processes, or not cgroup v2.</summary>
    CgroupNotUsable,

    /// <summary>The freeze would outlive the caller, and no guard is available to thaw in its place.</summary>
    GuardNotAvailable,

    /// <summary>Another process shares the address space (<c>CLONE_VM</c>, <c>vfork(2)</c>) and a freeze of the target would not hold it.</summary>
    AddressSpaceShared,

    /// <summary>Another transaction, of this or another engine, held the target or its cgroup until the freeze timeout.</summary>
    HeldByAnotherEngine,

    /// <summary>Another process thawed the target while the ranges were advised.</summary>
    ThawedByAnother,

    /// <summary>A thread did not stop before the deadline: it sleeps uninterruptibly or waits for its vfork child, or threads are created too fast.</summary>
    ThreadsDidNotStop,

    /// <summary>Some ranges were skipped or advised only in part; each says why.</summary>
    SomeRangesFailed,

    /// <summary>The kernel advised none of the ranges; each says why.</summary>
    AllRangesFailed,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>
    /// An error on the caller's side (no descriptor left, a seccomp filter, a hidden or missing <c>/proc</c>) prevented a check that is required; the message names
    /// it. It says nothing about the target. After hints, it is unconfirmed that they landed on the planned memory.
    /// </summary>
    CouldNotLook,

    /// <summary>It is dumping core, which a freeze would truncate.</summary>
    DumpingCore,

    /// <summary>It traces the caller, its guard or an ancestor, or their tracer: a freeze would deadlock.</summary>
    TracesCaller,

    /// <summary>It may answer system calls of the caller as a seccomp supervisor: a freeze would deadlock.</summary>
    SupervisesCaller,

    /// <summary>One of its system calls waits for a seccomp supervisor, which would perform it twice after a freeze.</summary>
    AwaitsSupervisor,

    /// <summary>Its parent, a shell with job control or a program such as <c>su</c>, reacts when it stops: it must not be stopped by a signal. Use another freezer.</summary>
    ParentActsOnStops,

    /// <summary>
    /// Freeze, recheck and thaw alone take more than half of <see cref="HintOptions.MaxPause"/>: windows would be mostly overhead. The message and
    /// <see cref="HintOutcome.PauseNeeded"/> name the pause that the plan needs.
    /// </summary>
    PauseTooShort,

    /// <summary>
    /// The target was frozen as long as <see cref="HintOptions.PauseLimit"/> allows, and the guard thawed it or was due to: the caller was stopped, throttled or in a garbage collection.
    /// After a hint it is a race: the last hints may have landed on other memory.
    /// </summary>
    PauseLimitReached,

    /// <summary>
    /// One of its threads is in <c>execve(2)</c>: the file system has not answered yet, or other threads are exiting. The kernel admits no tracer until then, and interrupting
    /// the call may fail it. The freeze was retried a few times.
    /// </summary>
    Executing,

    /// <summary>
    /// A call waits in the kernel for a file system or device that does not answer (FUSE, network, swap), and was abandoned; the target runs. The call continues when the
    /// answer arrives, on whatever is mapped then. Until it returns, the process is refused for this reason.
    /// </summary>
    CallDidNotReturn,

    /// <summary>No helper is available to run the transaction (<c>HintOptions.Host</c>): the command <c>cmadvise</c> was not found, did not start, or would lack rights that the caller has.</summary>
    HelperNotAvailable,

    /// <summary>
    /// The helper was killed or stopped in the middle of the transaction. The target runs; what was hinted is not known. The next transaction starts another helper.
    /// </summary>
    HelperExited,
}
