using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>What reading a layout costs, against a bare loop that reads the same file to its end and looks at nothing.</summary>
/// <remarks>The ways take turns in one process, so that a change of the machine's speed meets all of them.</remarks>
internal sealed class CaptureComparison
{
    /// <summary>What a race target has of its own.</summary>
    private const int OwnVmas = 196;

    private readonly ProcessTarget _target;
    private readonly LayoutReader _reader = new();
    private readonly MapsHasher _hasher = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private readonly Samples _bare = new();
    private readonly Samples _hash = new();
    private readonly Samples _once = new();
    private readonly Samples _confirmed = new();
    private readonly Samples _sequenced = new();
    private readonly Samples _unchanged = new();

    private CaptureComparison(ProcessTarget target) => _target = target;

    public static async Task RunAsync(bool isLong)
    {
        Console.WriteLine("""
            bare       a loop that reads the text to its end, in microseconds; the others are times that, except
            hash       the text, hashed
            once       a capture by one read of the text
            confirmed  a capture by two reads of the text that agree (after the slash: two bare loops)
            sequenced  a capture by one read of the text, atomic by the kernel's sequence
            unchanged  a capture that finds the last one still true by the sequence, in microseconds
            p10        says less of what else the machine was doing than p50

               VMAs         bare    hash    once    confirmed      sequenced  unchanged us
            """);
        foreach (int vmas in new[] { 100, 1_000, 10_000, 60_000 })
        {
            using BenchTarget process = vmas < OwnVmas ? BenchTarget.StartSmall() : BenchTarget.Start();
            if (vmas > OwnVmas)
            {
                process.Send($"fields {vmas - OwnVmas} 1");
            }

            using ProcessTarget target = ProcessTarget.Open(process.Pid);
            for (int round = 0; round < (isLong ? 5 : 1); round++)
            {
                int turns = Math.Clamp(300_000 / vmas, 31, 2_000);
                await new CaptureComparison(target).TakeTurnsAsync(turns); // compiled, cached, and on the processor's mind
                CaptureComparison measured = new(target);
                int counted = await measured.TakeTurnsAsync(turns);
                measured.Print(counted, "p50", 0.5);
                measured.Print(counted, "p10", 0.1);
            }
        }
    }

    private void Print(int vmas, string name, double share)
    {
        double bare = _bare.At(share);
        double confirmed = _confirmed.At(share) / bare;
        Console.WriteLine(
            $"{vmas,7:N0} {name} {bare,8:N1} {_hash.At(share) / bare,7:F3} {_once.At(share) / bare,7:F3} {confirmed,7:F3} /{confirmed / 2,6:F3} {_sequenced.At(share) / bare,9:F3} {_unchanged.At(share),13:N1}");
    }

    private async Task<int> TakeTurnsAsync(int turns)
    {
        bool hasSequence = SequenceReader.Shared.TryRead(_target, out _);
        int vmas = 0;
        for (int turn = 0; turn < turns; turn++)
        {
            _bare.Measure(() => ReadText(ReadBare));
            _hash.Measure(() => ReadText(ReadAndHash));

            long begin = Stopwatch.GetTimestamp();
            await TextCapture.CaptureAsync(_target, _reader, new CaptureOptions { MaxReads = 1 }, CancellationToken.None);
            _once.AddSince(begin);

            begin = Stopwatch.GetTimestamp();
            vmas = (await TextCapture.CaptureAsync(_target, _reader, CaptureOptions.Default, CancellationToken.None)).Count;
            _confirmed.AddSince(begin);

            if (hasSequence)
            {
                begin = Stopwatch.GetTimestamp();
                SequenceReader.Shared.TryRead(_target, out SequenceReading before);
                await SequencedCapture.CaptureAsync(_target, _reader, before, CaptureOptions.Default, CancellationToken.None);
                _sequenced.AddSince(begin);

                begin = Stopwatch.GetTimestamp();
                await _target.CaptureLayoutAsync();
                _unchanged.AddSince(begin);
            }
        }

        return vmas;
    }

    private void ReadText(Func<SafeDescriptor, Errno> read)
    {
        Errno errno = _target.Directory.OpenFile("maps\0"u8, out SafeDescriptor maps);
        using SafeDescriptor opened = maps;
        errno = errno.Ok ? read(maps) : errno;
        if (!errno.Ok)
        {
            throw new IOException($"The target's maps could not be read: {errno}.");
        }
    }

    private Errno ReadBare(SafeDescriptor maps)
    {
        Errno errno;
        int count;
        do
        {
            errno = Kernel.Read(maps, _buffer, out count);
        }
        while (errno.Ok && count > 0);
        return errno;
    }

    private Errno ReadAndHash(SafeDescriptor maps) => _hasher.Hash(maps, out _, out _);
}
