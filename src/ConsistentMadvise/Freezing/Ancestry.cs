namespace ConsistentMadvise;

/// <summary>How a process is related to the caller.</summary>
internal static class Ancestry
{
    /// <summary>Whether a freeze of the process would hold up the caller itself or whoever waits for it.</summary>
    public static bool IsAncestorOfCaller(int pid)
    {
        int current = Environment.ProcessId;
        while (current > 1)
        {
            current = ParentOf(current);
            if (current == pid)
            {
                return true;
            }
        }

        return false;
    }

    /// <remarks>0 when the parent is outside the caller's pid namespace, or the process has ended meanwhile.</remarks>
    private static int ParentOf(int pid)
    {
        if (!ProcDirectory.Open(pid, out ProcDirectory? directory).Ok || directory is null)
        {
            return 0;
        }

        using (directory)
        {
            return directory.ReadStat(out ProcStat stat).Ok ? stat.ParentPid : 0;
        }
    }
}
