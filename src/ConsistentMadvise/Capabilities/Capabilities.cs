namespace ConsistentMadvise;

/// <summary>What this caller can do on this machine, determined by probing.</summary>
/// <remarks>
/// Probing changes nothing: calls name no range, no signal or no thread, and files are only checked for write access. A
/// feature can be available and still be refused for one target; the outcome of a transaction then says so.
/// </remarks>
public sealed class Capabilities
{
    private static readonly Lazy<Capabilities> Once = new(Probe);

    private Capabilities()
    {
        CallerRights rights = CallerRights.Read();
        using OtherProcess? other = OtherProcess.Find();
        KernelRelease = MachineProbe.KernelRelease();
        Pidfd = MachineProbe.Pidfd();
        Procfs = MachineProbe.Procfs();
        ProcessMadvise = AdviceProbe.Call(other);
        SystemNice = AdviceProbe.Right(rights);
        TransparentHugePages = MachineProbe.TransparentHugePages();
        AdviceSupport = Advice.Known.ToDictionary(static advice => advice, advice => AdviceProbe.One(other, advice, TransparentHugePages)).AsReadOnly();
        PidfdIdentity = MachineProbe.PidfdIdentity(other);
        MapsQuery = MachineProbe.MapsQuery();
        LayoutSequence = MachineProbe.LayoutSequence();
        VmaSequences = MachineProbe.VmaSequences();
        SharerSearch = MachineProbe.SharerSearch();
        PtraceFreezer = FreezerProbe.Ptrace(rights);
        CgroupFreezer = FreezerProbe.Cgroup();
        SignalFreezer = FreezerProbe.Signal(rights);
        FreezeGuard = FreezerProbe.Guard();
        TransactionHelper = FreezerProbe.Helper();
        Swap = MachineProbe.Swap();
    }

    /// <summary>Gets the result of the first probe in this process.</summary>
    public static Capabilities Current => Once.Value;

    /// <summary>Gets the kernel's release, as <c>uname -r</c> prints it. Source: proc_sys_kernel(5), osrelease.</summary>
    public string KernelRelease { get; }

    /// <summary>Gets a descriptor that always refers to the same process: <c>pidfd_open(2)</c>, Linux 5.3. Required.</summary>
    public Feature Pidfd { get; }

    /// <summary>Gets a <c>/proc</c> that shows the caller's own pid namespace. Source: pid_namespaces(7), proc_pid_status(5), NSpid.</summary>
    /// <remarks>Otherwise its pids are not those of system calls, and no target can be opened.</remarks>
    public Feature Procfs { get; }

    /// <summary>Gets the system call of every hint: <c>process_madvise(2)</c>, Linux 5.10 with <c>CONFIG_ADVISE_SYSCALLS</c>.</summary>
    public Feature ProcessMadvise { get; }

    /// <summary>Gets the right to hint other processes: <c>CAP_SYS_NICE</c> in the initial user namespace, Linux 5.12. Source: capabilities(7), process_madvise(2).</summary>
    public Feature SystemNice { get; }

    /// <summary>Gets, for each known advice, whether the kernel accepts it for another process. Source: <c>process_madvise_remote_valid</c> in <c>mm/madvise.c</c>.</summary>
    /// <remarks>Probed on another process without ranges; since Linux 6.13 the caller itself accepts any advice.</remarks>
    public IReadOnlyDictionary<Advice, Feature> AdviceSupport { get; }

    /// <summary>Gets pidfds whose inode number is unique to a process until the next boot: pidfs, Linux 6.9. Source: pidfd_open(2).</summary>
    public Feature PidfdIdentity { get; }

    /// <summary>Gets queries of single VMAs: <c>ioctl(PROCMAP_QUERY)</c>, Linux 6.11. Source: <c>include/uapi/linux/fs.h</c>.</summary>
    public Feature MapsQuery { get; }

    /// <summary>Gets the kernel's own counter of layout changes, <c>mm->mm_lock_seq</c>, Linux 6.14. Source: <c>include/linux/mmap_lock.h</c>.</summary>
    public Feature LayoutSequence { get; }

    /// <summary>Gets the same for single VMAs, <c>vma->vm_lock_seq</c>, which makes <see cref="LayoutMatch.Ranges"/> detect ABA. Source: <c>include/linux/mm_types.h</c>.</summary>
    public Feature VmaSequences { get; }

    /// <summary>Gets the search for processes that share a target's address space: <c>kcmp(2)</c>, Linux 3.5 with <c>CONFIG_KCMP</c>.</summary>
    /// <remarks>Without it <see cref="SharerPolicy.Refuse"/> refuses nothing, and <see cref="SharerPolicy.Freeze"/> is not available.</remarks>
    public Feature SharerSearch { get; }

    /// <summary>Gets <see cref="FreezerKind.Ptrace"/>: <c>PTRACE_SEIZE</c>, Linux 3.4. Source: ptrace(2).</summary>
    public Feature PtraceFreezer { get; }

    /// <summary>Gets <see cref="FreezerKind.Cgroup"/>: <c>cgroup.freeze</c>, Linux 5.2. Source: cgroups(7), <c>Documentation/admin-guide/cgroup-v2.rst</c>.</summary>
    public Feature CgroupFreezer { get; }

    /// <summary>Gets <see cref="FreezerKind.Signal"/>: <c>pidfd_send_signal(2)</c>, Linux 5.1.</summary>
    public Feature SignalFreezer { get; }

    /// <summary>Gets a guard, which thaws cgroup and signal freezes when the caller dies: the command <c>cmadvise</c> or a shell, and a directory for journals.</summary>
    public Feature FreezeGuard { get; }

    /// <summary>Gets the command that runs transactions in the caller's place: <see cref="TransactionHost.Helper"/>.</summary>
    public Feature TransactionHelper { get; }

    /// <summary>Gets swap space. Source: swapon(8), proc_swaps(5).</summary>
    public Feature Swap { get; }

    /// <summary>Gets transparent huge pages, which <see cref="Advice.Collapse"/> makes; Linux 2.6.38. Source: <c>Documentation/admin-guide/mm/transhuge.rst</c>.</summary>
    public Feature TransparentHugePages { get; }

    /// <summary>Gets all features, the required ones first.</summary>
    public IReadOnlyList<Feature> Features =>
    [
        Pidfd, Procfs, ProcessMadvise, SystemNice, .. Advice.Known.Select(advice => AdviceSupport[advice]), PtraceFreezer, SignalFreezer, CgroupFreezer, FreezeGuard, TransactionHelper,
        LayoutSequence, VmaSequences, SharerSearch, MapsQuery, PidfdIdentity, Swap, TransparentHugePages,
    ];

    /// <summary>Gets the feature that a freezer needs; for <see cref="FreezerKind.Auto"/> that of ptrace, which it prefers.</summary>
    /// <param name="kind">The freezer.</param>
    public Feature Freezer(FreezerKind kind) => kind switch
    {
        FreezerKind.Cgroup => CgroupFreezer,
        FreezerKind.Signal => SignalFreezer,
        _ => PtraceFreezer,
    };

    /// <summary>Probes everything again.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or the architecture is not supported.</exception>
    public static Capabilities Probe() => OperatingSystem.IsLinux()
        ? new Capabilities()
        : throw new PlatformNotSupportedException("ConsistentMadvise supports only Linux.");
}
