using System.Globalization;
using System.Text;

namespace ConsistentMadvise;

/// <summary>One line of a journal: a freezer in use, and whether it holds its target now.</summary>
/// <remarks>
/// <c>HELD KIND PID STARTTIME INODE PATH/</c> and a newline; HELD is 0 or 1 and its first byte. A shell reads it too: the path is the last field, and its
/// slash keeps trailing spaces from being stripped.
/// </remarks>
/// <param name="Head">What is compared.</param>
/// <param name="Path">The cgroup's directory; empty for a freeze by signal.</param>
internal readonly record struct JournalEntry(JournalEntryHead Head, string Path)
{
    public const string FilePrefix = "freeze-";

    /// <summary>More than any line that <see cref="CanHold"/> lets through.</summary>
    public const int MaxLength = 8192;

    public static JournalEntry OfSignal(ProcessTarget target) =>
        new(new JournalEntryHead(false, FreezerKind.Signal, target.Pid, target.Identity.StartTime, 0), string.Empty);

    public static JournalEntry OfCgroup(ProcessTarget target, string directory, ulong inode) =>
        new(new JournalEntryHead(false, FreezerKind.Cgroup, target.Pid, target.Identity.StartTime, inode), directory.TrimEnd('/'));

    /// <summary>Whether a path can be written down: a line ends at the first newline, and a shell stops at a zero byte.</summary>
    public static bool CanHold(string path) => !path.AsSpan().ContainsAny('\n', '\0') && Encoding.UTF8.GetByteCount(path) <= 4096;

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{(Head.IsHeld ? 1 : 0)} {(Head.Kind == FreezerKind.Cgroup ? "cgroup" : "signal")} {Head.Pid} {Head.StartTime} {Head.CgroupInode} {Path}/\n"));

    public static bool TryParse(ReadOnlySpan<byte> text, out JournalEntry entry)
    {
        entry = default;
        if (!JournalEntryHead.TryParse(text, out JournalEntryHead head, out ReadOnlySpan<byte> path) || !path.EndsWith("/\n"u8))
        {
            return false;
        }

        entry = new JournalEntry(head, Encoding.UTF8.GetString(path[..^2]));
        return true;
    }
}
