using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The process that guards a journal, as recorded in the journal.</summary>
/// <param name="Pid">The guard.</param>
/// <param name="StartTime">Its start time (<see cref="ProcessIdentity.StartTime"/>).</param>
/// <param name="PidfdInode">The inode number of its pidfd; 0 if the kernel has none.</param>
internal readonly record struct GuardIdentity(int Pid, ulong StartTime, ulong PidfdInode = 0)
{
    public const string FileName = "guard";

    public static GuardIdentity? Parse(string text) =>
        text.TrimEnd('\n').Split(' ') is [var pid, var start, .. var rest] && rest.Length <= 1
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
        && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out ulong time)
        && ulong.TryParse(rest.Length == 0 ? "0" : rest[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            ? new GuardIdentity(number, time, inode)
            : null;

    /// <summary>Opens a pidfd of the process; null if it has exited, whatever its pid refers to now. An error means that neither is known.</summary>
    public Errno OpenAlive(bool isSameBoot, out SafeDescriptor? pidfd) =>
        FoundProcess.Open(new ProcessIdentity(Pid, StartTime, PidfdInode), isSameBoot, out pidfd, out _);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTime} {PidfdInode}\n");
}
