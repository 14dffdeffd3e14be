using System.Buffers.Text;

namespace ConsistentMadvise;

/// <summary>The fields of a journal line except the path. Parsed without allocating.</summary>
/// <param name="IsHeld">Whether the freeze is on, or about to be.</param>
/// <param name="Kind">The freezer: <see cref="FreezerKind.Cgroup"/> or <see cref="FreezerKind.Signal"/>.</param>
/// <param name="Pid">The target.</param>
/// <param name="StartTime">The start time of the target (<see cref="ProcessIdentity.StartTime"/>), which distinguishes it from the next process with its pid.</param>
/// <param name="CgroupInode">The inode number of the cgroup's directory, which distinguishes it from the next group with its name; 0 for a freeze by signal.</param>
/// <param name="PidfdInode">The inode number of the target's pidfd, which no other process of this boot has; 0 if the kernel has none.</param>
internal readonly record struct JournalEntryHead(bool IsHeld, FreezerKind Kind, int Pid, ulong StartTime, ulong CgroupInode, ulong PidfdInode = 0)
{
    public ProcessIdentity Process => new(Pid, StartTime, PidfdInode);

    public static bool TryParse(ReadOnlySpan<byte> text, out JournalEntryHead head, out ReadOnlySpan<byte> rest)
    {
        head = default;
        rest = text;
        if (!(rest.StartsWith("0 "u8) || rest.StartsWith("1 "u8)))
        {
            return false;
        }

        bool isHeld = rest[0] == (byte)'1';
        rest = rest[2..];
        FreezerKind kind = rest.StartsWith("cgroup "u8) ? FreezerKind.Cgroup : rest.StartsWith("signal "u8) ? FreezerKind.Signal : FreezerKind.Auto;
        if (kind == FreezerKind.Auto)
        {
            return false;
        }

        rest = rest["cgroup "u8.Length..];
        if (!TryTakeNumber(ref rest, out ulong pid) || pid is 0 or > int.MaxValue
            || !TryTakeNumber(ref rest, out ulong startTime) || !TryTakeNumber(ref rest, out ulong inode))
        {
            return false;
        }

        // The first version had no pidfd inode: there the path follows, which begins with a slash.
        ulong pidfd = 0;
        if (!rest.StartsWith("/"u8) && !TryTakeNumber(ref rest, out pidfd))
        {
            return false;
        }

        head = new JournalEntryHead(isHeld, kind, (int)pid, startTime, inode, pidfd);
        return true;
    }

    /// <summary>Whether both would freeze the same process, or the same group.</summary>
    /// <param name="other">The other entry.</param>
    /// <param name="sharesPids">Whether both were recorded where pids refer to the same processes.</param>
    public bool Overlaps(JournalEntryHead other, bool sharesPids = true) =>
        (sharesPids ? Process.IsSameProcessToATick(other.Process) : PidfdInode != 0 && PidfdInode == other.PidfdInode)
        || (CgroupInode != 0 && CgroupInode == other.CgroupInode);

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> text, out ulong number)
    {
        if (!Utf8Parser.TryParse(text, out number, out int length) || length >= text.Length || text[length] != (byte)' ')
        {
            return false;
        }

        text = text[(length + 1)..];
        return true;
    }
}
