namespace ConsistentMadvise;

/// <summary>What a read found. The programs write these numbers.</summary>
internal enum SequenceState
{
    /// <summary>The kernel's functions did not find a process of this number. It may live all the same: "not found" is not "exited".</summary>
    NotFound = 0,

    /// <summary>It has no address space: a kernel thread, a zombie, or a process whose main thread has ended.</summary>
    NoAddressSpace = 1,

    Read = 2,

    /// <summary>It left its address space while it was read (<c>execve(2)</c>, exit).</summary>
    Replaced = 3,
}
