namespace ConsistentMadvise;

/// <summary>The permission column of a <c>/proc/PID/maps</c> line, <c>rwxs</c> or <c>rwxp</c> (proc_pid_maps(5)).</summary>
[Flags]
public enum VmaPermissions : byte
{
    /// <summary>No access, private: <c>---p</c>.</summary>
    None = 0,

    /// <summary><c>r</c>: pages may be read.</summary>
    Read = 1,

    /// <summary><c>w</c>: pages may be written.</summary>
    Write = 2,

    /// <summary><c>x</c>: pages may be executed.</summary>
    Execute = 4,

    /// <summary><c>s</c> instead of <c>p</c>: the mapping is <c>MAP_SHARED</c>.</summary>
    Shared = 8,
}
