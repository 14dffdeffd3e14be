using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The process that guards a journal, as the journal names it.</summary>
internal readonly record struct GuardIdentity(int Pid, ulong StartTime)
{
    public const string FileName = "guard";

    public static GuardIdentity? Parse(string text) =>
        text.TrimEnd('\n').Split(' ') is [var pid, var start]
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
        && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out ulong time)
            ? new GuardIdentity(number, time)
            : null;

    /// <summary>A pidfd of the process, if it lives; null when it has ended, whatever its pid means now.</summary>
    public SafeDescriptor? OpenAlive()
    {
        if (!Kernel.PidfdOpen(Pid, out int descriptor).Ok)
        {
            return null;
        }

        SafeDescriptor pidfd = new(descriptor);
        if (IsStill(StartTime) && Kernel.IsReadable(descriptor, out bool ended).Ok && !ended)
        {
            return pidfd;
        }

        pidfd.Dispose();
        return null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTime}\n");

    private bool IsStill(ulong startTime)
    {
        if (!ProcDirectory.Open(Pid, out ProcDirectory? directory).Ok || directory is null)
        {
            return false;
        }

        using (directory)
        {
            return directory.ReadStat(out ProcStat stat).Ok && stat.StartTime == startTime;
        }
    }
}
