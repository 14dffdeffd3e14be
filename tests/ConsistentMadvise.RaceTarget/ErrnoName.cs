using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Names of the errors that a target's calls can meet; empty for the others, which are sent as numbers.</summary>
internal static class ErrnoName
{
    public static ReadOnlySpan<byte> Of(int errno) =>
        errno == LibC.EPERM ? "EPERM"u8
        : errno == LibC.ENOENT ? "ENOENT"u8
        : errno == LibC.ESRCH ? "ESRCH"u8
        : errno == LibC.EIO ? "EIO"u8
        : errno == LibC.EBADF ? "EBADF"u8
        : errno == LibC.ECHILD ? "ECHILD"u8
        : errno == LibC.EAGAIN ? "EAGAIN"u8
        : errno == LibC.ENOMEM ? "ENOMEM"u8
        : errno == LibC.EACCES ? "EACCES"u8
        : errno == LibC.EFAULT ? "EFAULT"u8
        : errno == LibC.EBUSY ? "EBUSY"u8
        : errno == LibC.EEXIST ? "EEXIST"u8
        : errno == LibC.EINVAL ? "EINVAL"u8
        : errno == LibC.ENOSYS ? "ENOSYS"u8
        : errno == LibC.EOPNOTSUPP ? "EOPNOTSUPP"u8
        : default;
}
