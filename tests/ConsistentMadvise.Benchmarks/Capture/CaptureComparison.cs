using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What reading a layout costs, against a bare loop that reads the same file to its end and looks at nothing.</summary>
/// <remarks>The four ways take turns in one process, so that a change of the machine's speed meets all of them.</remarks>
internal sealed class CaptureComparison
{
    private static readonly CaptureOptions s_once = new() { MaxReads = 1 };

    private readonly ProcessTarget _target;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private Samples _bare = new();
    private Samples _token = new();
    private Samples _once = new();
    private Samples _default = new();

    private CaptureComparison(ProcessTarget target) => _target = target;

    public static async Task RunAsync(bool isLong)
    {
        Console.WriteLine("times the bare loop, by medians, and by tenth percentiles: those show less of what else the machine was doing");
        Console.WriteLine("   VMAs   bare us |  token  one read  default  default/2 |  token  one read  default  default/2");
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
            _bare = new Samples();
            _token = new Samples();
            _once = new Samples();
            _default = new Samples();
            int vmas = await TakeTurnsAsync(turns);
            Console.WriteLine($"{vmas,7:N0} {_bare.Median,9:N1} |{Ratios(0.5)} |{Ratios(0.1)}");
        }
    }

    private string Ratios(double share)
    {
        double bare = _bare.At(share);
        return $"{_token.At(share) / bare,7:F3} {_once.At(share) / bare,9:F3} {_default.At(share) / bare,8:F3} {_default.At(share) / (2 * bare),10:F3}";
    }

    private async Task<int> TakeTurnsAsync(int turns)
    {
        int vmas = 0;
        for (int turn = 0; turn < turns; turn++)
        {
            long begin = Stopwatch.GetTimestamp();
            ReadBare();
            _bare.AddSince(begin);

            begin = Stopwatch.GetTimestamp();
            vmas = _target.ReadToken().VmaCount;
            _token.AddSince(begin);

            begin = Stopwatch.GetTimestamp();
            await _target.CaptureLayoutAsync(s_once);
            _once.AddSince(begin);

            begin = Stopwatch.GetTimestamp();
            await _target.CaptureLayoutAsync();
            _default.AddSince(begin);
        }

        return vmas;
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
