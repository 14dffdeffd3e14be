using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The calling thread's effective capabilities, whether they hold in the initial user namespace, and whether a seccomp filter applies.</summary>
/// <param name="Effective">The effective capabilities (capabilities(7)).</param>
/// <param name="IsInitialNamespace">Whether it is in the initial user namespace (user_namespaces(7)).</param>
/// <param name="IsFiltered">Whether a seccomp filter is installed: <c>Seccomp: 2</c> (seccomp(2)).</param>
/// <param name="Errno">The error that kept these from being read; they are unknown then.</param>
internal sealed record CallerRights(ulong Effective, bool IsInitialNamespace, bool IsFiltered = false, Errno Errno = default)
{
    public bool MayTrace => Has(Uapi.CAP_SYS_PTRACE);

    public bool MaySignal => Has(Uapi.CAP_KILL);

    public bool HasNice => Has(Uapi.CAP_SYS_NICE);

    /// <summary>Whether it has <c>CAP_SYS_NICE</c> in the user namespace that process_madvise(2) checks.</summary>
    public bool MayHint => Has(Uapi.CAP_SYS_NICE) && IsInitialNamespace;

    public static CallerRights Read()
    {
        Errno errno = Kernel.Open("/proc/thread-self/status\0"u8, Uapi.O_RDONLY, out LocalFile status);
        ulong effective = 0;
        bool isFiltered = false;
        using (status)
        {
            // In the order of the file: CapEff comes before Seccomp.
            Span<byte> value = stackalloc byte[16];
            int length = 0;
            errno = errno.Ok ? ProcStatus.Find(in status, "\nCapEff:\t"u8, value, out length) : errno;
            errno = errno.Ok && !Utf8Parser.TryParse(value[..length], out effective, out _, 'x') ? Errno.EINVAL : errno;
        }

        if (errno.Ok)
        {
            errno = Kernel.Open("/proc/thread-self/status\0"u8, Uapi.O_RDONLY, out LocalFile again);
            using (again)
            {
                int mode = 0;
                errno = errno.Ok ? ProcStatus.FindNumber(in again, "\nSeccomp:\t"u8, out mode) : errno;
                isFiltered = mode == Uapi.SECCOMP_MODE_FILTER;
            }
        }

        Errno opened = Kernel.Open("/proc/self/ns/user\0"u8, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            bool isInitial = opened.Ok ? Kernel.FileStatus(file, out ulong inode, out _).Ok && inode == KernelInternal.PROC_USER_INIT_INO : opened == Errno.ENOENT;
            return new CallerRights(effective, isInitial, isFiltered, errno);
        }
    }

    /// <summary>Explains <c>EPERM</c> from process_madvise(2): the kernel returns it only without <c>CAP_SYS_NICE</c>, a filter or an LSM for any reason.</summary>
    public string ExplainRefusedHint() =>
        !Errno.Ok ? "Hinting another process needs CAP_SYS_NICE in the initial user namespace; whether the caller has it could not be read."
        : !Has(Uapi.CAP_SYS_NICE) ? "Hinting another process needs CAP_SYS_NICE in the initial user namespace, which the caller lacks."
        : !IsInitialNamespace ? "Hinting another process needs CAP_SYS_NICE in the initial user namespace; the caller has it only in another one."
        : IsFiltered ? "A seccomp filter refuses process_madvise(2); the caller has CAP_SYS_NICE. Allow the call in the filter of the container or service."
        : "process_madvise(2) was refused, though the caller has CAP_SYS_NICE and no seccomp filter: check the policy of the security module (LSM).";

    private bool Has(int capability) => CapabilitySet.Has(Effective, capability);
}
