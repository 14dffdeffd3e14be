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

    /// <summary>The process executed another program (<c>execve(2)</c>): the address space of the plan is gone.</summary>
    AddressSpaceReplaced,

    /// <summary>The plan is past its expiry.</summary>
    PlanExpired,

    /// <summary>The process has ended.</summary>
    TargetExited,

    /// <summary>The process of the plan has ended and its pid belongs to another.</summary>
    PidReused,

    /// <summary>The kernel's layout sequence of this process cannot be read, or the plan has none, or one too old to be compared with.</summary>
    SequenceNotAvailable,

    /// <summary>Collapsing moves the sequence itself, so that no race could be told from it: it needs a freeze.</summary>
    CollapseMovesTheSequence,

    /// <summary>A range lies where nothing is mapped, or where a mapping is not memory to be hinted.</summary>
    RangeNotMapped,

    /// <summary>The caller may not hint this process: <c>EACCES</c> (no right to read it) or <c>EPERM</c> (no <c>CAP_SYS_NICE</c>).</summary>
    NotPermitted,

    /// <summary>The caller may not freeze this process.</summary>
    FreezeNotPermitted,

    /// <summary>The main thread has ended while others live: the kernel cannot advise such a process.</summary>
    MainThreadEnded,

    /// <summary>It is the process with pid 1.</summary>
    InitProcess,

    /// <summary>It is an ancestor of the caller; while it is frozen nobody may be left to thaw it.</summary>
    AncestorOfCaller,

    /// <summary>It is a child of the caller, whose ptrace stops .NET's own SIGCHLD handling may reap; use another freezer.</summary>
    ChildOfCaller,

    /// <summary>Another process traces it, and could let it run at any moment.</summary>
    TracedByAnother,

    /// <summary>Its cgroup cannot be frozen for it alone: the root, not a leaf, shared with other processes, or not cgroup v2.</summary>
    CgroupNotUsable,

    /// <summary>The freezer would outlive the caller, and no guard can be had that thaws in its place.</summary>
    GuardNotAvailable,

    /// <summary>Another process shares the address space (<c>CLONE_VM</c>, <c>vfork(2)</c>) and a freeze of the target would not hold it.</summary>
    AddressSpaceShared,

    /// <summary>Another transaction, of this or another engine, held the target or its cgroup until the freeze timeout.</summary>
    HeldByAnotherEngine,

    /// <summary>Another process thawed the target while the ranges were advised.</summary>
    ThawedByAnother,

    /// <summary>A thread did not stop before the deadline: it sleeps uninterruptibly, waits for its vfork child, or threads are born too fast.</summary>
    ThreadsDidNotStop,

    /// <summary>Some ranges were skipped or advised only in part; each says why.</summary>
    SomeRangesFailed,

    /// <summary>The kernel advised none of the ranges; each says why.</summary>
    AllRangesFailed,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}
