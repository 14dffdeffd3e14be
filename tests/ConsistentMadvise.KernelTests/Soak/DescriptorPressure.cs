using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>Takes every descriptor that is free, and gives some back, all the time: any call that needs one may fail with <c>EMFILE</c>.</summary>
internal sealed unsafe class DescriptorPressure : IDisposable
{
    /// <summary>How many descriptors are left to the process over those that it has: so few are soon taken.</summary>
    private const int Spare = 64;

    /// <summary>How long no descriptor is left, 20 to 200 us at a time.</summary>
    private const int MostMicrosecondsWithout = 200;

    /// <summary>How long some are, up to 2 ms: a transaction takes about as long, so that it fails at every place, and now and then at none.</summary>
    private const int MostMicrosecondsWith = 2000;

    private const int RLIMIT_NOFILE = 7;

    private static readonly int Prlimit64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 261 : 302;

    private readonly List<SafeDescriptor> _taken = [];
    private readonly Random _random;
    private readonly Thread _thread;
    private readonly (ulong Soft, ulong Hard) _before;
    private volatile bool _isEnding;

    public DescriptorPressure(int seed)
    {
        _random = new Random(seed);
        (ulong Soft, ulong Hard) before = default;
        Assert.Equal(Errno.None, Errno.From((int)(long)LibC.syscall(Prlimit64, 0, RLIMIT_NOFILE, 0, &before)));
        _before = before;
        int open = Directory.GetFiles("/proc/self/fd").Length;
        Limit((ulong)(open + Spare));
        _thread = new Thread(TakeAndGive) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How often no descriptor was left.</summary>
    public long Times { get; private set; }

    public void Dispose()
    {
        _isEnding = true;
        _thread.Join();
        _taken.ForEach(static file => file.Dispose());
        Limit(_before.Soft);
    }

    private void TakeAndGive()
    {
        while (!_isEnding)
        {
            Errno errno;
            while ((errno = Kernel.Open("/dev/null\0"u8, Uapi.O_RDONLY, out SafeDescriptor file)).Ok)
            {
                _taken.Add(file);
            }

            Times += errno == Errno.EMFILE ? 1 : 0;
            _ = Kernel.Sleep(_random.Next(20, MostMicrosecondsWithout) * 1000L);

            // From none to all: what needs one descriptor, and then another, fails at every place.
            for (int give = _random.Next(_taken.Count + 1); give > 0; give--)
            {
                _taken[^1].Dispose();
                _taken.RemoveAt(_taken.Count - 1);
            }

            _ = Kernel.Sleep(_random.Next(20, MostMicrosecondsWith) * 1000L);
        }
    }

    private void Limit(ulong descriptors)
    {
        (ulong Soft, ulong Hard) limit = (descriptors, _before.Hard);
        Assert.Equal(Errno.None, Errno.From((int)(long)LibC.syscall(Prlimit64, 0, RLIMIT_NOFILE, &limit, 0)));
    }
}
