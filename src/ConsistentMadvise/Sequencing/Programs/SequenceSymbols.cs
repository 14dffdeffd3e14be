namespace ConsistentMadvise;

/// <summary>The offsets in this kernel that the programs read, and the ids of the functions that they call.</summary>
/// <remarks>Offsets are bytes in <c>task_struct</c> (<c>include/linux/sched.h</c>) and <c>mm_struct</c> (<c>include/linux/mm_types.h</c>).</remarks>
internal sealed record SequenceSymbols
{
    public required short TaskMm { get; init; }

    public required short TaskPid { get; init; }

    public required short TaskTgid { get; init; }

    public required short TaskStartBoottime { get; init; }

    public required short TaskSelfExecId { get; init; }

    public required short MmLockSequence { get; init; }

    public required short MmMapCount { get; init; }

    /// <summary>0, like the two below, if BTF lacks any of them: the users of an address space are not counted then.</summary>
    public short MmUsers { get; init; }

    public short TaskSignal { get; init; }

    /// <summary>In <c>signal_struct</c> (<c>include/linux/sched/signal.h</c>).</summary>
    public short SignalLive { get; init; }

    /// <summary><c>bpf_task_from_vpid</c>: looks a process up by its pid in the caller's pid namespace (Linux 6.13); 0 if there is none.</summary>
    public required uint TaskFromVpid { get; init; }

    /// <summary><c>bpf_task_from_pid</c>: by its pid in the initial pid namespace; 0 if there is none.</summary>
    public required uint TaskFromPid { get; init; }

    public required uint TaskRelease { get; init; }

    /// <summary>What the walk to single VMAs needs; null if this kernel's type information lacks any of it.</summary>
    public TreeSymbols? Tree { get; init; }

    /// <summary><c>bpf_iter_task</c>: the walk over all tasks; 0 if there is none.</summary>
    public required uint IterateTasks { get; init; }
}
