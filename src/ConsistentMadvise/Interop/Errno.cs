using System.Globalization;
using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>An error number from the kernel; zero is success. Not an enumeration: the kernel may return one without a name here.</summary>
internal readonly record struct Errno(int Value)
{
    public static readonly Errno None;
    public static readonly Errno EPERM = new(1);
    public static readonly Errno ENOENT = new(2);
    public static readonly Errno ESRCH = new(3);
    public static readonly Errno EINTR = new(4);
    public static readonly Errno EIO = new(5);
    public static readonly Errno E2BIG = new(7);
    public static readonly Errno EBADF = new(9);
    public static readonly Errno ECHILD = new(10);
    public static readonly Errno EAGAIN = new(11);
    public static readonly Errno ENOMEM = new(12);
    public static readonly Errno EACCES = new(13);
    public static readonly Errno EFAULT = new(14);
    public static readonly Errno EBUSY = new(16);
    public static readonly Errno EEXIST = new(17);
    public static readonly Errno ENODEV = new(19);
    public static readonly Errno ENOTDIR = new(20);
    public static readonly Errno EINVAL = new(22);
    public static readonly Errno ENFILE = new(23);
    public static readonly Errno EMFILE = new(24);
    public static readonly Errno ENOTTY = new(25);
    public static readonly Errno EFBIG = new(27);
    public static readonly Errno ENOSPC = new(28);
    public static readonly Errno EROFS = new(30);
    public static readonly Errno ENAMETOOLONG = new(36);
    public static readonly Errno ENOSYS = new(38);
    public static readonly Errno ELOOP = new(40);
    public static readonly Errno EOPNOTSUPP = new(95);
    public static readonly Errno ESTALE = new(116);

    public bool Ok => Value == 0;

    /// <summary>Whether the caller lacks a right: <c>EACCES</c> or <c>EPERM</c>, which system calls use interchangeably.</summary>
    public bool IsDenied => this == EACCES || this == EPERM;

    /// <summary>Whether the caller or the machine ran out of resources: it says nothing about the object of the call.</summary>
    public bool IsShortage => this == EMFILE || this == ENFILE || this == ENOMEM;

    /// <summary>The errno of the last call that this thread made through Tmds.LibC.</summary>
    public static Errno Last => new(LibC.errno);

    public static Errno From(int result) => result < 0 ? Last : None;

    public override string ToString() => Value switch
    {
        0 => "success",
        1 => nameof(EPERM),
        2 => nameof(ENOENT),
        3 => nameof(ESRCH),
        4 => nameof(EINTR),
        5 => nameof(EIO),
        7 => nameof(E2BIG),
        9 => nameof(EBADF),
        10 => nameof(ECHILD),
        11 => nameof(EAGAIN),
        12 => nameof(ENOMEM),
        13 => nameof(EACCES),
        14 => nameof(EFAULT),
        16 => nameof(EBUSY),
        17 => nameof(EEXIST),
        19 => nameof(ENODEV),
        20 => nameof(ENOTDIR),
        22 => nameof(EINVAL),
        23 => nameof(ENFILE),
        24 => nameof(EMFILE),
        25 => nameof(ENOTTY),
        27 => nameof(EFBIG),
        28 => nameof(ENOSPC),
        30 => nameof(EROFS),
        36 => nameof(ENAMETOOLONG),
        38 => nameof(ENOSYS),
        40 => nameof(ELOOP),
        95 => nameof(EOPNOTSUPP),
        116 => nameof(ESTALE),
        _ => string.Create(CultureInfo.InvariantCulture, $"errno {Value}"),
    };
}
