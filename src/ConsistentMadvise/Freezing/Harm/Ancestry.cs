using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How a process is related to the caller.</summary>
internal static class Ancestry
{
    [ThreadStatic]
    private static List<int>? t_ancestors;

    /// <summary>Finds out whether a freeze of the process would hold up the caller itself, or a process that waits for it.</summary>
    /// <returns>An error that kept an ancestor from being looked at.</returns>
    public static Errno IsAncestorOfCaller(int pid, out bool isAncestor)
    {
        List<int> ancestors = t_ancestors ??= [];
        ancestors.Clear();
        Errno errno = AddAncestors(ancestors);
        isAncestor = ancestors.Contains(pid);
        return isAncestor ? Errno.None : errno;
    }

    /// <summary>Adds the caller's ancestors, as far as its pid namespace shows them.</summary>
    /// <returns>An error that kept an ancestor from being looked at.</returns>
    public static Errno AddAncestors(List<int> pids)
    {
        int current = Environment.ProcessId;
        while (current > 1)
        {
            // Its parent is another once it has exited: then the walk goes on from where that one is.
            Errno errno = ProcFile.ReadStat(current, out ProcStat stat);
            if (!errno.Ok)
            {
                return errno;
            }

            current = stat.ParentPid; // 0: outside the caller's pid namespace
            if (current > 0)
            {
                pids.Add(current);
            }
        }

        return Errno.None;
    }
}
