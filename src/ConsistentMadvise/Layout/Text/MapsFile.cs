using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Opens <c>/proc/PID/maps</c> of a target, and explains why it cannot be read.</summary>
internal static class MapsFile
{
    /// <summary>Opens the text of the process's current address space.</summary>
    /// <exception cref="TargetException">It could not be opened.</exception>
    public static SafeDescriptor Open(ProcessTarget target)
    {
        Errno errno = target.Directory.OpenFile("maps\0"u8, out SafeDescriptor maps);
        return errno.Ok ? maps : throw Unreadable(target, errno);
    }

    /// <summary>Replaces the held address space with the process's current one.</summary>
    /// <exception cref="TargetException">It could not be opened.</exception>
    public static void Renew(ProcessTarget target, AddressSpace held)
    {
        Errno errno = target.RenewSpace(held);
        if (!errno.Ok)
        {
            throw Unreadable(target, errno);
        }
    }

    /// <summary>Explains a failed read: empty text or <c>ESRCH</c> means no address space; other errors are not about the target.</summary>
    public static TargetException Unreadable(ProcessTarget target, Errno errno)
    {
        TargetError error = errno.Ok || errno == Errno.ESRCH || target.HasExited ? TargetError.NotFound
            : errno.IsDenied ? TargetError.AccessDenied
            : TargetError.CouldNotLook;
        return new TargetException(target.Pid, error, errno.Value);
    }
}
