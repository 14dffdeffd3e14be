using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>A process that maps above what is being read, and unmaps below, kept a capture reading for ever.</summary>
public sealed class AMapThatGrowsAheadKeptACaptureReading
{
    /// <summary>Long names make lines slow to write; the target is faster, and far enough ahead to wait for a processor now and then.</summary>
    private const string MapAhead = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main(int count, char **words) {
            char name[201]; long window = 8000 * 4096L;
            if (chdir(words[1])) return 1;
            memset(name, 'y', 200); name[200] = 0;
            for (int i = 0; i < 40; i++) { mkdir(name, 0700); if (chdir(name)) return 2; }
            int file = open("deep", O_RDWR | O_CREAT, 0600);
            if (file < 0 || ftruncate(file, 4096)) return 3;
            char *low = (char *)0x200000000000, *high = low;
            for (;;) {
                if (mmap(high, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED) return 4;
                high += 4096;
                if (high - low == window) { printf("%d\n", getpid()); fflush(stdout); }
                if (high - low > window) { munmap(low, 4096); low += 4096; }
            }
        }
        """;

    [KernelFact(Needs.Root | Needs.Compiler)]
    public async Task Capture_TargetMapsAhead_EndsAndSaysWhy()
    {
        using CompiledTarget process = CompiledTarget.Start(MapAhead);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        TargetException captured = await ReadUntil<TargetException>(() => target.CaptureLayoutAsync().AsTask());
        TargetException read = await ReadUntil<TargetException>(() => Task.Run(target.ReadToken));

        Assert.Equal([TargetError.LayoutOutrunsReader, TargetError.LayoutOutrunsReader], [captured.Error, read.Error]);
        process.AssertRuns();
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public async Task Capture_TargetMapsAhead_CanBeCancelled()
    {
        using CompiledTarget process = CompiledTarget.Start(MapAhead);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        await ReadUntil<OperationCanceledException>(async () =>
        {
            using CancellationTokenSource source = new();
            Task capture = target.CaptureLayoutAsync(source.Token).AsTask(); // returns in the middle of its read
            await source.CancelAsync();
            await capture;
        });

        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace)]
    public void Check_LinesThatTheTargetCanHave_Pass()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Fields(4000, 1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LineLimit limit = new(target);

        limit.Check(process.CountVmas());
        limit.Check(2 * process.CountVmas());

        Assert.Throws<TargetException>(() => limit.Check(5 * 1024 * 1024));
        process.AssertRuns();
    }

    /// <summary>Reads again until it ends so: a target that waits for a processor as long as its lead lets a read come to its end.</summary>
    private static async Task<T> ReadUntil<T>(Func<Task> read)
        where T : Exception
    {
        long begin = Stopwatch.GetTimestamp();
        Exception? end = null;
        while (end is not T && Stopwatch.GetElapsedTime(begin) < Eventually.Patience)
        {
            end = await Record.ExceptionAsync(() => read().WaitAsync(Eventually.Patience));
            Assert.False(end is TimeoutException, "a read ends, one way or another");
        }

        return Assert.IsAssignableFrom<T>(end);
    }
}
