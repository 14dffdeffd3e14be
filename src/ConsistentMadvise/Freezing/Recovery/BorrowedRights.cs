using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Whether a recovery has rights that its user lacks (file capabilities of the program), and what the user may thaw without them.</summary>
/// <remarks>
/// The journals belong to the user and can claim anything, so these rights must not be used for them. A guarded freeze never needs them: the guard has only the user's
/// own and ambient capabilities (capabilities(7)), or it is refused.
/// </remarks>
internal static class BorrowedRights
{
    /// <summary>Returns <c>EPERM</c> if the user may not signal a process without these rights (kill(2)).</summary>
    public static Errno MaySignal(int pid)
    {
        Errno errno = Has(Uapi.CAP_KILL, out bool isLent);
        if (!errno.Ok || !isLent)
        {
            return errno;
        }

        // Real, effective, saved and file system user: the real or the saved one must equal the caller's.
        errno = StatusText.Find(pid, "\nUid:\t"u8, out string users);
        string own = Kernel.EffectiveUser().ToString(CultureInfo.InvariantCulture);
        return !errno.Ok ? errno : users.Split('\t') is [var real, _, var saved, _] && (real == own || saved == own) ? Errno.None : Errno.EPERM;
    }

    /// <summary>Returns <c>EPERM</c> if the user may not write a file without these rights.</summary>
    public static Errno MayWrite(SafeDescriptor file)
    {
        Errno errno = Has(Uapi.CAP_DAC_OVERRIDE, out bool isLent);
        uint user = 0, mode = 0;
        errno = errno.Ok && isLent ? Kernel.FileOwner(file, out user, out mode) : errno;
        return !errno.Ok || !isLent ? errno : user == Kernel.EffectiveUser() && (mode & Uapi.S_IWUSR) != 0 ? Errno.None : Errno.EPERM;
    }

    private static Errno Has(int capability, out bool isLent)
    {
        isLent = false;
        if (Kernel.EffectiveUser() == 0)
        {
            return Errno.None; // the journals belong to root
        }

        Errno errno = StatusText.Find("/proc/thread-self/status\0"u8, "\nCapEff:\t"u8, out string effective);
        string ambient = "0";
        errno = errno.Ok ? StatusText.Find("/proc/thread-self/status\0"u8, "\nCapAmb:\t"u8, out ambient) : errno;
        isLent = errno.Ok && CapabilitySet.Has(Parse(effective) & ~Parse(ambient), capability);
        return errno;
    }

    private static ulong Parse(string set) => ulong.TryParse(set, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : 0;
}
