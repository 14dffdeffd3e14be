namespace ConsistentMadvise;

/// <summary>Why a line is not a line of <c>/proc/PID/maps</c>.</summary>
internal enum MapsLineError
{
    None = 0,
    Start,
    End,
    EmptyRange,
    Permissions,
    Offset,
    Device,
    Inode,
    Truncated,
}
