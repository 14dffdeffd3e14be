namespace ConsistentMadvise.KernelTests;

/// <summary>What a test needs of the machine it runs on.</summary>
[Flags]
public enum Needs
{
    None = 0,

    /// <summary>The superuser.</summary>
    Root = 1,

    /// <summary>PTRACE_SEIZE of a process that is not a descendant.</summary>
    Ptrace = 2,

    /// <summary>CAP_SYS_NICE and access to another process: process_madvise(2) of it.</summary>
    NiceCapability = 4,

    /// <summary>A cgroup v2 hierarchy in which a child cgroup can be made and frozen.</summary>
    CgroupV2 = 8,

    /// <summary>Swap, or an unused zram device that <see cref="ZramSwap"/> can make into some.</summary>
    Swap = 16,

    /// <summary>ioctl(PROCMAP_QUERY), Linux 6.11.</summary>
    MapsQuery = 32,

    /// <summary>Loading a BPF_PROG_TYPE_SYSCALL program, and the kernel's BTF.</summary>
    Bpf = 64,

    /// <summary>An x86-64 machine: a <see cref="Sharer"/> is machine code.</summary>
    X64 = 128,

    /// <summary>A C compiler (cc), and the headers of the kernel's user API.</summary>
    Compiler = 256,

    /// <summary>A tracefs in which an instance can be made, with tracepoints of system calls, and the initial pid namespace.</summary>
    SyscallTracepoints = 512,

    /// <summary>userfaultfd(2) for faults inside the kernel, and pidfd_getfd(2) of it from another process.</summary>
    Userfaultfd = 1 << 12,

    /// <summary>io_uring(7): IORING_OP_MADVISE, Linux 5.6.</summary>
    IoUring = 1 << 13,

    /// <summary>A new time namespace with an offset (time_namespaces(7), Linux 5.6; unshare(1) of util-linux 2.36).</summary>
    TimeNamespace = 1 << 14,

    /// <summary>seccomp(2) filters, made for x86-64.</summary>
    Seccomp = 1 << 15,

    /// <summary>PAGEMAP_SCAN, Linux 6.7.</summary>
    PagemapScan = 1 << 16,

    /// <summary>File systems of user processes (/dev/fuse).</summary>
    Fuse = 1 << 17,
}
