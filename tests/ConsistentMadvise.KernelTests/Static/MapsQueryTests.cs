using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>The text parser and the kernel's own query must agree about processes that hold still.</summary>
public sealed class MapsQueryTests
{
    [KernelFact(Needs.MapsQuery)]
    public void Capture_QuietRaceTarget_AgreesWithQueries()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Fields(500, 1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Assert.True(Compare(target) > 500);
        process.AssertRuns();
    }

    [KernelFact(Needs.MapsQuery)]
    public void Capture_StrangeFileNames_AgreesWithQueries()
    {
        string directory = Directory.CreateTempSubdirectory("maps query ").FullName;
        try
        {
            using RaceTargetProcess process = RaceTargetProcess.Start();
            int link = 0;
            foreach (string name in new[] { "plain", "tab\there", "new\nline", "ends in (deleted)", "back\\slash", "tüchtig" })
            {
                string path = Path.Combine(directory, name);
                File.WriteAllBytes(path, new byte[Environment.SystemPageSize]);
                string alias = Path.Combine(directory, $"link{link++}"); // a command is one word
                File.CreateSymbolicLink(alias, path);
                string word = Path.Combine(Path.GetTempPath(), $"maps-query-{Environment.ProcessId}-{link}");
                File.CreateSymbolicLink(word, alias);
                process.MapFile(word, 1);
                File.Delete(word);
            }

            using ProcessTarget target = ProcessTarget.Open(process.Pid);
            Assert.True(Compare(target) > 6);
            process.AssertRuns();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [KernelFact(Needs.MapsQuery)]
    public void Capture_AProcessNotOurs_AgreesWithQueries()
    {
        using System.Diagnostics.Process sleeper = System.Diagnostics.Process.Start("sleep", "60");
        try
        {
            // While it loads its libraries it maps; asleep in clock_nanosleep(2) or nanosleep(2) (x64, arm64) it does not.
            string[] sleeps = ["230", "35", "115", "101"];
            Eventually.Holds(
                () => File.ReadAllText($"/proc/{sleeper.Id}/comm") == "sleep\n" && sleeps.Contains(File.ReadAllText($"/proc/{sleeper.Id}/syscall").Split(' ')[0]),
                "sleep sleeps");
            using ProcessTarget target = ProcessTarget.Open(sleeper.Id);
            Assert.True(Compare(target) > 5);
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
        }
    }

    /// <summary>Compares each VMA and its line's hash; returns how many.</summary>
    private static int Compare(ProcessTarget target)
    {
        LayoutSnapshot layout = target.Capture();
        Assert.True(layout.IsStable);
        Assert.Equal(Errno.None, target.Directory.OpenFile("maps\0"u8, out LocalFile maps));
        using LocalFile opened = maps;
        byte[] name = new byte[4096];
        int compared = 0;
        foreach (Vma vma in layout)
        {
            if (vma.GetName() == "[vsyscall]")
            {
                continue; // a gate, not a VMA of the address space: the query does not know it
            }

            Assert.Equal(Errno.None, MapsQuery.Read(in maps, vma.Start, name, out VmaRecord record, out int length));
            Assert.Equal((vma.Start, vma.End, vma.Permissions, vma.Offset, vma.Inode), (record.Start, record.End, record.Permissions, record.Offset, record.Inode));
            Assert.Equal((vma.DeviceMajor, vma.DeviceMinor), ((int)(record.Device >> 20), (int)(record.Device & 0xfffff)));
            if (!name.AsSpan(0, length).Contains((byte)'\n'))
            {
                Assert.Equal(vma.NameBytes.ToArray(), name[..length]);
                Assert.Equal(MapsLineHash.Of(in vma.Record, vma.NameBytes), MapsLineHash.Of(in record, name.AsSpan(0, length)));
            }

            compared++;
        }

        return compared;
    }
}
