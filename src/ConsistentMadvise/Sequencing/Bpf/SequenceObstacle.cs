namespace ConsistentMadvise;

/// <summary>Why the kernel's layout sequence cannot be read.</summary>
internal enum SequenceObstacle
{
    None = 0,

    /// <summary>The kernel was built without <c>CONFIG_DEBUG_INFO_BTF</c>, or sysfs is not mounted.</summary>
    NoTypeInformation,

    /// <summary>The type information could not be read, or is malformed.</summary>
    BadTypeInformation,

    /// <summary>The kernel has no such field: before Linux 6.4, or built without <c>CONFIG_PER_VMA_LOCK</c>.</summary>
    FieldMissing,

    /// <summary>The sequence is the <c>int</c> of Linux 6.4 to 6.13, which does not show whether a writer holds the lock.</summary>
    IntegerSequence,

    /// <summary>The kernel has no function with which a program can look up a process.</summary>
    FunctionMissing,

    /// <summary>The kernel looks up processes only by their pid in the initial pid namespace, and the caller is in another.</summary>
    PidNamespace,

    /// <summary>The kernel has no <c>bpf(2)</c>.</summary>
    NoSystemCall,

    /// <summary>The caller lacks <c>CAP_BPF</c> or <c>CAP_PERFMON</c>.</summary>
    NotPermitted,

    /// <summary>The kernel did not accept the program.</summary>
    ProgramRefused,

    /// <summary>The program was accepted, but what it read of the calling process was wrong.</summary>
    SelfCheckFailed,

    /// <summary>No descriptor or memory was free; a later attempt may succeed.</summary>
    OutOfResources,

    /// <summary>The machine is big-endian, which the programs do not support.</summary>
    Architecture,
}
