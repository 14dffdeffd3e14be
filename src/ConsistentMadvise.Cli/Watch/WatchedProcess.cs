using System.Globalization;
using System.Text;

namespace ConsistentMadvise.Cli;

/// <summary>Reads <c>/proc</c> for a process that was seen before.</summary>
internal static class WatchedProcess
{
    /// <summary>Field 22 of <c>/proc/PID/stat</c> is the start time; the first after the name is field 3 (proc_pid_stat(5)).</summary>
    private const int StartTime = 22 - 3;

    /// <summary>Reads name and memory; returns false if the process has exited or is hidden.</summary>
    public static bool TryRead(ProcessIdentity process, out string? name, out WatchedMemory? memory)
    {
        (name, memory) = (null, null);
        try
        {
            // In this order: if the start time matches afterwards, the pid was this process before.
            string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Pid}");
            string status = File.ReadAllText($"{directory}/status", Encoding.UTF8);
            string stat = File.ReadAllText($"{directory}/stat", Encoding.UTF8);
            if (!TryParse(stat, out name, out ulong start) || start != process.StartTime)
            {
                return false;
            }

            memory = WatchedMemory.Parse(status);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Parses name and start time from a stat line. The name may contain any bytes, including parentheses; the last one ends it.</summary>
    internal static bool TryParse(string stat, out string? name, out ulong startTime)
    {
        int open = stat.IndexOf('(', StringComparison.Ordinal), close = stat.LastIndexOf(')');
        bool isNamed = open >= 0 && close > open;
        name = isNamed ? stat[(open + 1)..close] : null;
        string[] fields = isNamed ? stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        startTime = 0;
        return fields.Length > StartTime && ulong.TryParse(fields[StartTime], NumberStyles.None, CultureInfo.InvariantCulture, out startTime);
    }
}
