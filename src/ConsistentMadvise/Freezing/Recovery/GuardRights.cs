using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compares the rights and the view of the guard with those of the caller.</summary>
/// <remarks>
/// An ordinary user's file capabilities do not survive execve(2) unless they are ambient, and a shell drops an effective user that differs from the real
/// one: capabilities(7), dash(1). A guard without the caller's rights could not thaw what the caller froze with them.
/// </remarks>
internal static class GuardRights
{
    /// <summary>Describes what the guard lacks; null if it can undo whatever the caller can do.</summary>
    public static string? WhatIsMissing(int guard)
    {
        Errno errno = ProcessRights.Read(Environment.ProcessId, out ProcessRights caller);
        ProcessRights its = default;
        errno = errno.Ok ? ProcessRights.Read(guard, out its) : errno;
        if (!errno.Ok)
        {
            return $"the rights of the caller and its guard could not be compared: {errno}";
        }

        ulong missing = caller.Effective & ~its.Effective;
        return CapabilitySet.Has(missing, Uapi.CAP_KILL) ? "the guard would lack CAP_KILL, which the caller has; make it ambient"
            : CapabilitySet.Has(missing, Uapi.CAP_DAC_OVERRIDE) ? "the guard would lack CAP_DAC_OVERRIDE, which the caller has; make it ambient"
            : !its.CanActAs(caller) ? $"the guard would run as another user or group ({its.Users}) than the caller ({caller.Users}); run the caller without set-user-ID"
            : its.TimeNamespace != caller.TimeNamespace ? "the guard would be in another time namespace than the caller"
            : null;
    }
}
