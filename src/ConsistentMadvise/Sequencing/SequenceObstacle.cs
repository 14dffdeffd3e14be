namespace ConsistentMadvise;

/// <summary>What keeps the kernel's layout sequence from being read.</summary>
internal enum SequenceObstacle
{
    None = 0,

    /// <summary>The kernel was built without <c>CONFIG_DEBUG_INFO_BTF</c>, or sysfs is not mounted.</summary>
    NoTypeInformation,

    /// <summary>The type information could not be read, or is not what it should be.</summary>
    BadTypeInformation,

    /// <summary>The kernel has no such field: before Linux 6.4, or built without <c>CONFIG_PER_VMA_LOCK</c>.</summary>
    FieldMissing,

    /// <summary>The sequence is the <c>int</c> of Linux 6.4 to 6.13, which does not tell whether a writer is inside.</summary>
    IntegerSequence,

    /// <summary>The kernel lets no program look up a process.</summary>
    FunctionMissing,

    /// <summary>The kernel looks up processes only by their number in the initial pid namespace, and the caller is in another.</summary>
    PidNamespace,

    /// <summary>The kernel has no <c>bpf(2)</c>.</summary>
    NoSystemCall,

    /// <summary>The caller lacks <c>CAP_BPF</c> or <c>CAP_PERFMON</c>.</summary>
    NotPermitted,

    /// <summary>The kernel did not accept the program.</summary>
    ProgramRefused,

    /// <summary>The program was accepted, and what it read of the calling process was not true.</summary>
    SelfCheckFailed,

    /// <summary>No descriptor or no memory was free just now; asked again later it may do.</summary>
    OutOfResources,

    /// <summary>The machine has another order of bytes than the instructions are written for.</summary>
    Architecture,
}
