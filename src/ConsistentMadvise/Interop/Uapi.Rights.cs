namespace ConsistentMadvise.Interop;

/// <summary>Modes of files, capabilities and seccomp modes.</summary>
internal static partial class Uapi
{
    // sys/stat.h, inode(7)
    public const uint S_IFMT = 0xF000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IWUSR = 0x80;
    public const uint S_IXUSR = 0x40;
    public const uint S_IWGRP = 0x10;
    public const uint S_IWOTH = 0x02;

    // linux/capability.h
    public const int CAP_DAC_OVERRIDE = 1;
    public const int CAP_KILL = 5;
    public const int CAP_SYS_PTRACE = 19;
    public const int CAP_SYS_NICE = 23;

    // linux/seccomp.h
    public const int SECCOMP_MODE_FILTER = 2;
}
