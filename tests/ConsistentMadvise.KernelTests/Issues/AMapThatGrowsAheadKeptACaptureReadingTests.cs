namespace ConsistentMadvise.KernelTests;

/// <summary>A process that maps above what is being read, and unmaps below, kept a capture reading for ever.</summary>
public sealed class AMapThatGrowsAheadKeptACaptureReadingTests
{
    /// <summary>Long names make lines slow to write; the target is faster.</summary>
    private const string MapAhead = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main(int count, char **words) {
            char name[201]; long window = 500 * 4096L;
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

        TargetException captured = await Assert.ThrowsAsync<TargetException>(() => target.CaptureLayoutAsync().AsTask().WaitAsync(Eventually.Patience));
        TargetException read = await Assert.ThrowsAsync<TargetException>(() => Task.Run(target.ReadToken).WaitAsync(Eventually.Patience));

        Assert.Equal([TargetError.LayoutOutrunsReader, TargetError.LayoutOutrunsReader], [captured.Error, read.Error]);
        process.AssertRuns();
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public async Task Capture_TargetMapsAhead_CanBeCancelled()
    {
        using CompiledTarget process = CompiledTarget.Start(MapAhead);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        using CancellationTokenSource source = new();
        Task capture = Task.Run(() => target.CaptureLayoutAsync(source.Token).AsTask());

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => capture.WaitAsync(Eventually.Patience));
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
}
