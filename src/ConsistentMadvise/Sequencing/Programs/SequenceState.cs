namespace ConsistentMadvise;

/// <summary>The result of a read. The programs write these values.</summary>
internal enum SequenceState
{
    /// <summary>The kernel's lookup found no process with this pid. "Not found" is not "exited": it may still be alive.</summary>
    NotFound = 0,

    /// <summary>It has no address space: a kernel thread, a zombie, or a process whose thread-group leader has exited.</summary>
    NoAddressSpace = 1,

    Read = 2,

    /// <summary>It left its address space during the read (<c>execve(2)</c>, exit).</summary>
    Replaced = 3,
}
