namespace ConsistentMadvise.Interop;

/// <summary>Constants that the kernel shows to user space, and that no header for user space has.</summary>
internal static class KernelInternal
{
    // include/linux/sched.h; the flags in /proc/PID/stat (proc_pid_stat(5))
    public const uint PF_EXITING = 0x0000_0004;
    public const uint PF_KTHREAD = 0x0020_0000;

    // fs/proc/task_mmu.c; the bits of an entry of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst)
    public const ulong PM_MMAP_EXCLUSIVE = 1UL << 56;
    public const ulong PM_SWAP = 1UL << 62;
    public const ulong PM_PRESENT = 1UL << 63;

    // include/linux/proc_ns.h; the inode number of the initial user namespace
    public const ulong PROC_USER_INIT_INO = 0xEFFF_FFFD;
}
