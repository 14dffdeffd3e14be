using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What reading a layout costs, against a bare loop that reads the same file to its end and looks at nothing.</summary>
/// <remarks>The four ways take turns in one process, so that a change of the machine's speed meets all of them.</remarks>
internal sealed class CaptureComparison
{
    private static readonly string[] s_ratios = ["hash", "capture", "confirmed", "atomic", "recheck"];
    private static readonly string[] s_times = ["unchanged", "by sequence", "sequence"];

    private readonly ProcessTarget _target;
    private readonly LayoutReader _reader = new();
    private readonly MapsHasher _hasher = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private readonly Dictionary<string, Samples> _samples = [];

    private CaptureComparison(ProcessTarget target) => _target = target;

    public static async Task RunAsync(bool isLong)
    {
        Console.WriteLine("times the bare loop, by medians: hash = the token alone; capture = records and token, one read of the text; confirmed = the same and");
        Console.WriteLine("a second read (half of it: against two bare loops); atomic = one read between two of the sequence; recheck = layout by text.");
        Console.WriteLine("microseconds: unchanged = a capture that is still true; by sequence = the recheck of a plan; sequence = the bare run of the eBPF program.");
        Console.WriteLine($"   VMAs   bare us |{string.Concat(s_ratios.Select(static name => $"{name,10}"))} |{string.Concat(s_times.Select(static name => $"{name,12}"))}");
        foreach (int vmas in new[] { 100, 1_000, 10_000, 60_000 })
        {
            using BenchTarget process = vmas < 200 ? BenchTarget.StartSmall() : BenchTarget.Start();
            if (vmas >= 200)
            {
                process.Send($"fields {vmas - 196} 1"); // what the race target itself has
            }

            using ProcessTarget target = ProcessTarget.Open(process.Pid);
            await new CaptureComparison(target).CompareAsync(rounds: isLong ? 5 : 1, turns: Math.Clamp(300_000 / vmas, 31, 2_000));
        }
    }

    private async Task CompareAsync(int rounds, int turns)
    {
        await TakeTurnsAsync(turns); // compiled, cached, and on the processor's mind
        for (int round = 0; round < rounds; round++)
        {
            _samples.Clear();
            int vmas = await TakeTurnsAsync(turns);
            double bare = _samples["bare"].Median;
            string ratios = string.Concat(s_ratios.Select(name => $"{Median(name) / bare / (name == "confirmed" ? 2 : 1),10:F3}"));
            string times = string.Concat(s_times.Select(name => $"{Median(name),12:F2}"));
            Console.WriteLine($"{vmas,7:N0} {bare,9:N1} |{ratios} |{times}");
        }
    }

    private double Median(string name) => _samples.TryGetValue(name, out Samples? samples) ? samples.Median : double.NaN;

    private async Task<int> TakeTurnsAsync(int turns)
    {
        LayoutSnapshot layout = await _target.CaptureLayoutAsync();
        HintPlan plan = HintPlan.Create(layout, Advice.Cold, VmaFilter.All);
        LayoutRecheck text = new(_target, plan);
        SequenceRecheck sequence = new(_target, plan, text);
        SequenceReader reader = SequenceReader.Shared;
        for (int turn = 0; turn < turns; turn++)
        {
            long begin = Stopwatch.GetTimestamp();
            ReadBare();
            Took("bare", begin);

            begin = Stopwatch.GetTimestamp();
            Hash();
            Took("hash", begin);

            begin = Stopwatch.GetTimestamp();
            await TextCapture.CaptureAsync(_target, _reader, maxReads: 1, CancellationToken.None);
            Took("capture", begin);

            begin = Stopwatch.GetTimestamp();
            await TextCapture.CaptureAsync(_target, _reader, maxReads: 2, CancellationToken.None);
            Took("confirmed", begin);

            begin = Stopwatch.GetTimestamp();
            text.Run();
            Took("recheck", begin);
            if (!reader.Availability.IsAvailable)
            {
                continue;
            }

            SequencedCapture.Forget(_target);
            begin = Stopwatch.GetTimestamp();
            await _target.CaptureLayoutAsync();
            Took("atomic", begin);

            begin = Stopwatch.GetTimestamp();
            await _target.CaptureLayoutAsync();
            Took("unchanged", begin);

            begin = Stopwatch.GetTimestamp();
            sequence.Run();
            Took("by sequence", begin);

            begin = Stopwatch.GetTimestamp();
            reader.TryRead(_target.Pid, out _);
            Took("sequence", begin);
        }

        return layout.Count;
    }

    private void Took(string name, long begin)
    {
        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        if (!_samples.TryGetValue(name, out Samples? samples))
        {
            _samples.Add(name, samples = new Samples());
        }

        samples.Add(took);
    }

    private void Hash()
    {
        Errno errno = _target.Directory.OpenFile("maps\0"u8, out int maps);
        errno = errno.Ok ? _hasher.Hash(maps, out _, out _) : errno;
        if (!errno.Ok || !Kernel.Close(maps).Ok)
        {
            throw new IOException($"The target's maps could not be read: {errno}.");
        }
    }

    private void ReadBare()
    {
        Errno errno = _target.Directory.OpenFile("maps\0"u8, out int maps);
        int count = 1;
        while (errno.Ok && count > 0)
        {
            errno = Kernel.Read(maps, _buffer, out count);
        }

        if (!errno.Ok || !Kernel.Close(maps).Ok)
        {
            throw new IOException($"The target's maps could not be read: {errno}.");
        }
    }
}
