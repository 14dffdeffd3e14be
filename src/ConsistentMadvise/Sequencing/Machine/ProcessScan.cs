using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the sequence of every process that <c>/proc</c> lists, in batches: for pid namespaces, and kernels without the task iterator.</summary>
internal static class ProcessScan
{
    public static SequenceAvailability Read(SequenceReader reader, out LayoutSequence[] sequences)
    {
        sequences = [];
        Errno errno = ListProcesses(out int[] pids);
        if (!errno.Ok)
        {
            return new SequenceAvailability(SequenceObstacle.OutOfResources, $"The processes in /proc could not be listed ({errno}).");
        }

        if (pids.Length == 0)
        {
            return new SequenceAvailability(SequenceObstacle.PidNamespace, "/proc shows another pid namespace than the caller's; mount a procfs in the caller's namespace.");
        }

        SequenceReading[] readings = new SequenceReading[pids.Length];
        SequenceAvailability availability = reader.Read(pids, readings);
        List<LayoutSequence> found = new(pids.Length);
        for (int i = 0; i < pids.Length; i++)
        {
            if (readings[i].State == SequenceState.Read)
            {
                found.Add(new LayoutSequence(pids[i], in readings[i]));
            }
        }

        sequences = [.. found];
        return availability;
    }

    /// <summary>Lists the processes in pid order; none if <c>/proc</c> shows another pid namespace.</summary>
    private static Errno ListProcesses(out int[] pids)
    {
        pids = [];
        Errno errno = ProcNamespace.IsOwn(out bool isOwn);
        DirectoryNumbers processes = new(1024);
        errno = errno.Ok && isOwn ? processes.Read("/proc\0"u8) : errno;
        if (errno.Ok)
        {
            pids = processes.Numbers.ToArray();
            Array.Sort(pids);
        }

        return errno;
    }
}
