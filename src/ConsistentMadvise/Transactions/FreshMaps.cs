using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A maps descriptor opened for one recheck: a held one stays with the old address space after <c>execve(2)</c>.</summary>
internal static class FreshMaps
{
    public static RecheckResult Open(ProcessTarget target, out int maps)
    {
        Errno errno = target.Directory.OpenFile("maps\0"u8, out maps);
        return errno.Ok ? RecheckResult.Same : Explain(errno);
    }

    /// <summary>Whether the target still lives in the address space that the plan was made from; a plan from elsewhere has only its token to tell.</summary>
    public static bool IsHeld(HintPlan plan) => plan.Layout?.Space is not { } space || space.IsAlive();

    public static RecheckResult Explain(Errno errno) =>
        errno == Errno.EACCES || errno == Errno.EPERM ? RecheckResult.Denied : RecheckResult.Gone;
}
