using System.Globalization;
using System.Text.Unicode;

namespace ConsistentMadvise;

/// <summary>One line of a journal: a freezer in use, and whether it holds its target now.</summary>
/// <remarks>
/// <c>HELD KIND PID STARTTIME INODE PIDFDINODE PATH/</c> and a newline; HELD is 0 or 1 and its first byte. A shell also reads it: the path is the last field,
/// and its slash keeps trailing spaces from being stripped.
/// </remarks>
/// <param name="Head">The fields that are compared.</param>
/// <param name="Path">The cgroup's directory; empty for a freeze by signal.</param>
internal readonly record struct JournalEntry(JournalEntryHead Head, BytePath Path)
{
    public const string FilePrefix = "freeze-";

    /// <summary>Longer than any line that <see cref="CanHold"/> allows.</summary>
    public const int MaxLength = 8192;

    private const int MaxPath = 4096; // PATH_MAX

    public static JournalEntry OfSignal(ProcessTarget target) => Of(target, FreezerKind.Signal, 0, default);

    public static JournalEntry OfCgroup(ProcessTarget target, BytePath directory, ulong inode) =>
        Of(target, FreezerKind.Cgroup, inode, directory.Bytes.EndsWith("/"u8) ? new BytePath(directory.Bytes.TrimEnd((byte)'/')) : directory);

    /// <summary>Whether a path can be recorded: a line ends at the first newline, and a shell stops at a zero byte.</summary>
    public static bool CanHold(BytePath path) => !path.Bytes.ContainsAny((byte)'\n', (byte)0) && path.Bytes.Length <= MaxPath;

    /// <summary>Writes the line into a buffer of <see cref="MaxLength"/> bytes, and returns its length.</summary>
    public int Write(Span<byte> line)
    {
        string kind = Head.Kind == FreezerKind.Cgroup ? "cgroup" : "signal";
        Utf8.TryWrite(
            line, CultureInfo.InvariantCulture, $"{(Head.IsHeld ? 1 : 0)} {kind} {Head.Pid} {Head.StartTime} {Head.CgroupInode} {Head.PidfdInode} ", out int length);
        Path.Bytes.CopyTo(line[length..]);
        length += Path.Bytes.Length;
        "/\n"u8.CopyTo(line[length..]);
        return length + 2;
    }

    public byte[] ToBytes()
    {
        Span<byte> line = stackalloc byte[MaxLength];
        return line[..Write(line)].ToArray();
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out JournalEntry entry)
    {
        entry = default;
        if (!JournalEntryHead.TryParse(text, out JournalEntryHead head, out ReadOnlySpan<byte> path) || !path.EndsWith("/\n"u8))
        {
            return false;
        }

        entry = new JournalEntry(head, new BytePath(path[..^2]));
        return true;
    }

    private static JournalEntry Of(ProcessTarget target, FreezerKind kind, ulong cgroup, BytePath path) =>
        new(new JournalEntryHead(false, kind, target.Pid, target.Identity.StartTime, cgroup, target.Identity.PidfdInode), path);
}
