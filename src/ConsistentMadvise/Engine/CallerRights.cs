using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The effective capabilities of the caller, and whether they count in the whole system (capabilities(7), user_namespaces(7)).</summary>
internal sealed record CallerRights(ulong Effective, bool IsInitialNamespace)
{
    private const int CAP_KILL = 5;
    private const int CAP_SYS_PTRACE = 19;
    private const int CAP_SYS_NICE = 23;

    /// <summary>The inode number of the initial user namespace: <c>PROC_USER_INIT_INO</c> of <c>include/linux/proc_ns.h</c>.</summary>
    private const string InitialUserNamespace = "user:[4026531837]";

    public bool MayTrace => Has(CAP_SYS_PTRACE);

    public bool MaySignal => Has(CAP_KILL);

    public static CallerRights Read()
    {
        const string Label = "CapEff:\t";
        string status = File.ReadAllText("/proc/self/status");
        int at = status.IndexOf(Label, StringComparison.Ordinal);
        ulong effective = at < 0 ? 0 : ulong.Parse(status.AsSpan(at + Label.Length, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return new CallerRights(effective, new FileInfo("/proc/self/ns/user").LinkTarget == InitialUserNamespace);
    }

    public Feature SystemNice()
    {
        bool has = Has(CAP_SYS_NICE);
        return new Feature(
            "CAP_SYS_NICE", "5.12", has && IsInitialNamespace ? FeatureState.Available : FeatureState.NotPermitted,
            !has ? "not among the effective capabilities; run as root, or give it to the program: setcap cap_sys_nice+ep"
            : IsInitialNamespace ? "effective, in the initial user namespace"
            : "effective in a user namespace of its own, where it does not count",
            "no other process can be hinted");
    }

    private bool Has(int capability) => (Effective >> capability & 1) != 0;
}
