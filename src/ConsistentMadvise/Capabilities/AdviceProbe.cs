using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Probes <c>process_madvise(2)</c> and each advice, with a call without ranges.</summary>
internal static class AdviceProbe
{
    private const string NoOther = "there is no other process to probe, and the caller itself accepts any advice";

    public static Feature Call(OtherProcess? other)
    {
        Errno errno = other?.Ask(Advice.Cold) ?? Errno.None;
        FeatureState state = other is null ? FeatureState.Unknown
            : errno == Errno.EINVAL ? FeatureState.Available // the advice is unknown, the call is not
            : StateOf(errno);
        return new Feature("process_madvise", "5.10", state, Detail(other, errno),
            "nothing can be hinted; snapshots, plans and checks still work");
    }

    /// <remarks>A call without ranges does not reach the check for <c>CONFIG_TRANSPARENT_HUGEPAGE</c>; sysfs shows it.</remarks>
    public static Feature One(OtherProcess? other, Advice advice, Feature hugePages)
    {
        Errno errno = other?.Ask(advice) ?? Errno.None;
        FeatureState state = other is null ? FeatureState.Unknown : StateOf(errno);
        string detail = Detail(other, errno);
        if (advice == Advice.Collapse && state == FeatureState.Available && !hugePages.IsAvailable)
        {
            state = FeatureState.Missing;
            detail = hugePages.Detail;
        }

        return new Feature($"advice {advice}", Since(advice), state, detail, Consequence(advice));
    }

    /// <summary>The capability that process_madvise(2) requires.</summary>
    public static Feature Right(CallerRights rights) => new(
        "CAP_SYS_NICE", "5.12",
        !rights.Errno.Ok ? FeatureState.Unknown : rights.MayHint ? FeatureState.Available : FeatureState.NotPermitted,
        !rights.Errno.Ok ? $"the caller's capabilities cannot be read: {rights.Errno}"
        : !rights.HasNice ? "not among the effective capabilities; run as root, or setcap cap_sys_nice+ep on the program"
        : rights.IsInitialNamespace ? "effective, in the initial user namespace"
        : "effective only in a user namespace that is not the initial one",
        "no other process can be hinted");

    private static FeatureState StateOf(Errno errno) => errno switch
    {
        { Ok: true } => FeatureState.Available,
        _ when errno == Errno.ENOSYS || errno == Errno.EINVAL => FeatureState.Missing,
        _ when errno.IsDenied => FeatureState.NotPermitted,
        _ => FeatureState.Unknown,
    };

    private static string Detail(OtherProcess? other, Errno errno)
    {
        if (other is null)
        {
            return NoOther;
        }

        string asked = string.Create(CultureInfo.InvariantCulture, $"asked for process {other.Pid}: {errno}");
        return errno == Errno.EPERM ? $"{asked}, {(CallerRights.Read().MayHint ? "a seccomp filter or a security module refuses it" : "CAP_SYS_NICE is missing")}"
            : errno == Errno.EACCES ? $"{asked}, that process may not be accessed; one of the same user may"
            : asked;
    }

    private static string Since(Advice advice) => advice == Advice.WillNeed ? "5.15" : advice == Advice.Collapse ? "6.1" : "5.10";

    private static string Consequence(Advice advice) =>
        advice == Advice.Cold ? "memory cannot be marked as the first to be reclaimed"
        : advice == Advice.PageOut ? "memory cannot be reclaimed at once"
        : advice == Advice.WillNeed ? "memory cannot be read ahead"
        : "memory cannot be put into huge pages";
}
