using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How a process is related to the caller.</summary>
internal static class Ancestry
{
    [ThreadStatic]
    private static List<int>? s_ancestors;

    /// <summary>Determines whether freezing the process would block the caller itself, or a process that waits for it.</summary>
    /// <returns>The error that kept an ancestor from being checked.</returns>
    public static Errno IsAncestorOfCaller(int pid, out bool isAncestor)
    {
        List<int> ancestors = s_ancestors ??= [];
        ancestors.Clear();
        Errno errno = AddAncestors(ancestors);
        isAncestor = ancestors.Contains(pid);
        return isAncestor ? Errno.None : errno;
    }

    /// <summary>Adds the caller's ancestors, as far as its pid namespace shows them.</summary>
    /// <returns>The error that kept an ancestor from being checked.</returns>
    public static Errno AddAncestors(List<int> pids)
    {
        int current = Environment.ProcessId;
        while (current > 1)
        {
            // A process that exits leaves its child to another parent; the walk continues from there.
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
