using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>How long after its deadline a target is released that cannot come to rest: one of its threads waits for a vfork child.</summary>
internal static class LateFreeze
{
    public static void Run(bool isLong)
    {
        Console.WriteLine();
        Console.WriteLine("freezer  threads | timeout ms | microseconds past the deadline until all were released: p50, max");
        foreach (FreezerKind kind in new[] { FreezerKind.Ptrace, FreezerKind.Signal })
        {
            foreach ((int threads, int milliseconds) in new[] { (8, 5), (64, 5), (512, 5), (512, 50) })
            {
                Measure(kind, threads, TimeSpan.FromMilliseconds(milliseconds), isLong ? 200 : 30);
            }
        }
    }

    private static void Measure(FreezerKind kind, int threads, TimeSpan timeout, int times)
    {
        using BenchTarget process = BenchTarget.Start();
        int running = process.StartThreads(threads, busy: 0);
        using Child child = new(int.Parse(process.Send("vfork-hold")[0]));
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Samples late = new();
        for (int i = 0; i < times; i++)
        {
            late.Add(Measure(target, kind, timeout));
        }

        Console.WriteLine($"{kind,-8} {running,7} {timeout.TotalMilliseconds,10} | {late.Median,6:N0} {late.At(1),6:N0}");
    }

    private static TimeSpan Measure(ProcessTarget target, FreezerKind kind, TimeSpan timeout)
    {
        FreezeRequest request = new(kind, AllowsUnguarded: true);
        (IFreezer? freezer, _, TransactionStop stop) = Freezers.Create(target, request);
        using IFreezer made = freezer ?? throw new InvalidOperationException($"{kind}: {stop}");
        long deadline = 0;
        TransactionStop result = default;
        Thread thread = new(() =>
        {
            made.WarmUp();
            deadline = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
            result = made.Freeze(deadline);
        });
        thread.Start();
        thread.Join(); // its exit releases what could not be detached
        (made as PtraceFreezer)?.ConfirmRelease();
        return result.Status == HintStatus.FreezeTimedOut ? Stopwatch.GetElapsedTime(deadline) : throw new InvalidOperationException($"{kind}: {result}");
    }

    /// <summary>The child that the target waits for.</summary>
    private sealed class Child : IDisposable
    {
        private readonly SafeDescriptor _pidfd;

        public Child(int pid) => _pidfd = Kernel.PidfdOpen(pid, out SafeDescriptor pidfd).Ok ? pidfd : throw new InvalidOperationException($"No process {pid}.");

        public void Dispose()
        {
            Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL);
            _pidfd.Dispose();
        }
    }
}
