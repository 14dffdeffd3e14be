namespace ConsistentMadvise.KernelTests;

/// <summary>The system calls that take an address space's lock for writing: what the kernel's own sequence counts, by the kernel's sources and not by ours.</summary>
/// <remarks>The filters leave out what returns without the lock; making a process, which locks its parent's, shows in <c>task_newtask</c> alone.</remarks>
internal static class LayoutCalls
{
    /// <summary>A call that copies the address space when it makes a task without <c>CLONE_VM</c>, and else leaves it alone.</summary>
    public static bool IsClone(string name) => name is "fork" or "vfork" or "clone" or "clone3";

    public static bool IsExec(string name) => name is "execve" or "execveat";

    /// <summary>Each call with the filter of the ways in that count (Documentation/trace/events.rst).</summary>
    public static readonly (string Name, string? Filter)[] All =
    [
        ("mmap", null), ("munmap", null), ("mremap", null), ("brk", null), ("remap_file_pages", null), ("shmat", null), ("shmdt", null),
        ("mprotect", "len > 0"), ("pkey_mprotect", "len > 0"), ("mbind", "len > 0"), ("mseal", "len > 0"),
        ("mlock", null), ("mlock2", null), ("munlock", null), ("mlockall", null), ("munlockall", null),
        ("io_setup", null), ("io_destroy", null),
        ("execve", null), ("execveat", null), ("fork", null), ("vfork", null), ("clone", null), ("clone3", null),

        // WILLNEED, DONTNEED, FREE, REMOVE, COLD, PAGEOUT, POPULATE_*, DONTNEED_LOCKED, COLLAPSE, HWPOISON, SOFT_OFFLINE, GUARD_*: pages, not VMAs
        ("madvise", "len_in > 0 && behavior != 3 && behavior != 4 && behavior != 8 && behavior != 9 && !(behavior >= 20 && behavior <= 25) && behavior < 100"),

        // PR_SET_MM, PR_SET_THP_DISABLE, PR_SET_VMA
        ("prctl", "option == 35 || option == 41 || option == 0x53564d41"),

        // UFFDIO_REGISTER, UFFDIO_UNREGISTER
        ("ioctl", "cmd == 0xc020aa00 || cmd == 0x8010aa01"),
    ];
}
