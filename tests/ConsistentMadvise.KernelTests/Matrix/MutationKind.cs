namespace ConsistentMadvise.KernelTests;

/// <summary>What else a mutation is, where its traces do not say everything.</summary>
public enum MutationKind
{
    /// <summary>A change of the layout, or none, and the target goes on.</summary>
    Change = 0,

    /// <summary>The target gets another address space.</summary>
    Exec,

    /// <summary>The target ends.</summary>
    Exit,

    /// <summary>The thread-group leader ends; the others go on.</summary>
    LeaderExit,

    /// <summary>A process comes that shares the address space.</summary>
    SharerComes,

    /// <summary>The same, and a thread waits for it inside the kernel, where only a cgroup counts it as frozen.</summary>
    Vfork,

    /// <summary>Another becomes the target's tracer.</summary>
    TracerComes,

    /// <summary>The planned memory is locked: the advice is not for it.</summary>
    Lock,

    /// <summary>Another process continues the target's threads.</summary>
    Continue,

    /// <summary>Another process thaws the target's cgroup.</summary>
    CgroupThaw,
}
