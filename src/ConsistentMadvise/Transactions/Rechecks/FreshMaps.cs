using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A maps descriptor opened for one recheck: one that is kept open stays with the old address space after <c>execve(2)</c>.</summary>
[RunsFrozen]
internal static class FreshMaps
{
    public static RecheckResult Open(ProcessTarget target, out LocalFile maps)
    {
        Errno errno = target.Directory.OpenFile("maps\0"u8, out maps);
        return errno.Ok ? RecheckResult.Same : RecheckResult.Unreadable(target, errno);
    }

    /// <summary>Confirms that a text describes the address space that the plan was made from: after an exec it describes another one.</summary>
    /// <param name="space">The pinned address space; null for a plan from elsewhere, which has only a token.</param>
    /// <param name="result">The result from the text.</param>
    public static RecheckResult Confirm(AddressSpace? space, RecheckResult result)
    {
        if (space is null || result.Kind is not (RecheckKind.Same or RecheckKind.Changed))
        {
            return result;
        }

        Errno errno = space.IsAlive(out bool isAlive);
        return !errno.Ok ? RecheckResult.CouldNotLook(errno) : isAlive ? result : RecheckResult.Replaced;
    }
}
