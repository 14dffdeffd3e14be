using System.Globalization;

namespace ConsistentMadvise;

/// <summary>Reads the sequence of every process that <c>/proc</c> lists, in batches: for pid namespaces, and kernels without the task iterator.</summary>
internal static class ProcessScan
{
    public static SequenceAvailability Read(SequenceReader reader, out LayoutSequence[] sequences)
    {
        int[] pids = ListProcesses();
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

    private static int[] ListProcesses()
    {
        List<int> pids = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            {
                pids.Add(pid);
            }
        }

        pids.Sort();
        return [.. pids];
    }
}
