using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compares the rights and the view of a helper with those of its host.</summary>
/// <remarks>An ordinary user's file capabilities do not survive execve(2) unless they are ambient: capabilities(7).</remarks>
internal static class HelperRights
{
    /// <summary>The capabilities that a transaction may use, by their bits (linux/capability.h).</summary>
    private static readonly (int Bit, string Name)[] Used =
    [
        (1, "CAP_DAC_OVERRIDE"), (2, "CAP_DAC_READ_SEARCH"), (5, "CAP_KILL"), (19, "CAP_SYS_PTRACE"), (21, "CAP_SYS_ADMIN"), (23, "CAP_SYS_NICE"), (38, "CAP_PERFMON"), (39, "CAP_BPF"),
    ];

    /// <summary>Describes what the helper lacks; null if it can do whatever its host can.</summary>
    public static string? WhatIsMissing(int helper)
    {
        Errno errno = ProcessRights.Read(Environment.ProcessId, out ProcessRights host);
        ProcessRights its = default;
        errno = errno.Ok ? ProcessRights.Read(helper, out its) : errno;
        ulong missing = host.Effective & ~its.Effective;
        string[] lacking = [.. Used.Where(capability => (missing >> capability.Bit & 1) != 0).Select(static capability => capability.Name)];
        return !errno.Ok ? $"the rights of the caller and its helper could not be compared: {errno}"
            : lacking.Length != 0 ? $"the helper would lack {string.Join(", ", lacking)}, which the caller has; make them ambient"
            : !its.CanActAs(host) ? string.Create(CultureInfo.InvariantCulture, $"the helper would run as another user or group ({its.Users}) than the caller ({host.Users}); run the caller without set-user-ID")
            : its.TimeNamespace != host.TimeNamespace ? "the helper would be in another time namespace than the caller"
            : null;
    }
}
