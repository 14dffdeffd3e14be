using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>Files of <c>/proc/PID/task</c>, of threads that may end and processes that may be reaped while they are read.</summary>
internal static class ThreadFiles
{
    /// <summary>The threads of a process; none when it was reaped.</summary>
    public static int[] List(int pid)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{pid}/task").Select(static path => int.Parse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            // ENOENT, of the open or of the read.
            return [];
        }
    }

    /// <summary>Reads a file of a thread; false when the thread has exited.</summary>
    public static bool TryRead(int pid, int tid, string name, out string text)
    {
        try
        {
            text = File.ReadAllText($"/proc/{pid}/task/{tid}/{name}");
            return true;
        }
        catch (IOException)
        {
            // ENOENT, of the open; ESRCH, of the read.
            text = "";
            return false;
        }
    }
}
