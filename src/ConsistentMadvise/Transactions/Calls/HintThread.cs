using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise;

/// <summary>An operating-system thread that makes those <c>process_madvise(2)</c> calls that may wait for others, so that the thread that holds the target does not wait.</summary>
/// <remarks>
/// <c>WILLNEED</c> on a FUSE file waits for its server, and only a fatal signal ends that wait; the server may be the target, or wait for it. A call that is given up keeps this
/// thread, its vector and its reference to the pidfd until it returns; then the thread exits. The threads share one word and no lock: inside the window, that word is the only
/// thing waited for.
/// </remarks>
[RunsFrozen]
internal sealed class HintThread
{
    private const ulong ChildSignal = 1UL << (Uapi.SIGCHLD - 1);

    private const int Idle = 0;
    private const int Asked = 1;
    private const int Made = 2;
    private const int Returned = 3;
    private const int GivenUp = 4;
    private const int Ended = 5;

    private static readonly ConcurrentBag<HintThread> Pool = [];

    /// <summary>10 ms: the latest response to a cancelled caller, and the most that one wait counts for: time during which the caller itself was stopped is not charged to the call.</summary>
    private static readonly long SliceTicks = Stopwatch.Frequency / 100;

    private static readonly long NanosecondsPerTick = 1_000_000_000 / Stopwatch.Frequency; // 1 on Linux

    private readonly int[] _word = GC.AllocateArray<int>(1, pinned: true);
    private SafeDescriptor? _pidfd;
    private iovec[] _vector = [];
    private int _count;
    private int _advice;
    private Errno _errno;
    private long _advised;
    private int _tid;

    private HintThread()
    {
        Thread thread = new(Loop) { IsBackground = true, Name = "ConsistentMadvise call" };
        thread.Start();
        while (Tid == 0)
        {
            Thread.Yield();
        }
    }

    /// <summary>The kernel's tid of the thread.</summary>
    public int Tid => Volatile.Read(ref _tid);

    /// <summary>Whether one of its calls was given up and has not returned since.</summary>
    public bool IsPending => Volatile.Read(ref _word[0]) == GivenUp;

    /// <summary>Takes an idle thread, or starts one. Returns false if the system cannot create another thread.</summary>
    public static bool TryRent([NotNullWhen(true)] out HintThread? thread)
    {
        try
        {
            return Pool.TryTake(out thread) || (thread = new HintThread()) is not null;
        }
        catch (Exception failure) when (failure is OutOfMemoryException or ThreadStartException)
        {
            thread = null; // EAGAIN: RLIMIT_NPROC, pids.max of the cgroup, or no memory for its stack
            return false;
        }
    }

    /// <summary>Returns the thread for the next transaction. A thread whose call is pending exits once that call returns.</summary>
    public void Return()
    {
        if (Volatile.Read(ref _word[0]) != Idle)
        {
            return;
        }

        (_pidfd, _vector) = (null, []);
        if (Pool.Count < Environment.ProcessorCount)
        {
            Pool.Add(this);
        }
        else
        {
            Volatile.Write(ref _word[0], Ended);
            Kernel.FutexWake(ref _word[0]);
        }
    }

    /// <summary>Makes the call on this thread, and waits for it.</summary>
    /// <param name="pidfd">The process.</param>
    /// <param name="vector">The ranges. No one may change them while the call is pending.</param>
    /// <param name="count">The number of ranges.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="patience">How long to wait, in ticks; at least one slice.</param>
    /// <param name="cancellationToken">Ends the wait after one more slice.</param>
    /// <param name="errno">The error of a call that returned.</param>
    /// <param name="advised">The number of bytes that the call reports.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public HintCallResult Call(
        SafeDescriptor pidfd, iovec[] vector, int count, int advice, long patience, CancellationToken cancellationToken, out Errno errno, out long advised)
    {
        (_pidfd, _vector, _count, _advice) = (pidfd, vector, count, advice);
        Volatile.Write(ref _word[0], Asked);
        Kernel.FutexWake(ref _word[0]);
        HintCallResult result = Await(Math.Max(patience, SliceTicks), cancellationToken);
        (errno, advised) = result == HintCallResult.Returned ? (_errno, _advised) : default;
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private HintCallResult Await(long patience, CancellationToken cancellationToken)
    {
        int state;
        while ((state = Volatile.Read(ref _word[0])) != Returned)
        {
            if (patience <= 0)
            {
                int next = state == Asked ? Idle : GivenUp;
                if (Interlocked.CompareExchange(ref _word[0], next, state) == state)
                {
                    return state == Asked ? HintCallResult.NotMade : HintCallResult.Pending;
                }

                continue;
            }

            long begin = Stopwatch.GetTimestamp();
            Kernel.FutexWait(ref _word[0], state, Math.Min(patience, SliceTicks) * NanosecondsPerTick);
            patience -= Math.Min(Stopwatch.GetTimestamp() - begin, SliceTicks);
            patience = cancellationToken.IsCancellationRequested ? Math.Min(patience, SliceTicks) : patience;
        }

        Volatile.Write(ref _word[0], Idle);
        return HintCallResult.Returned;
    }

    private void Loop()
    {
        _ = Kernel.BlockSignals(ChildSignal); // SIGCHLD announces the target's stops; the thread of the windows blocks it too
        Volatile.Write(ref _tid, Kernel.ThreadId());
        int state;
        while ((state = Volatile.Read(ref _word[0])) != Ended)
        {
            if (state == Asked && Interlocked.CompareExchange(ref _word[0], Made, Asked) == Asked)
            {
                Make();
            }
            else
            {
                Kernel.FutexWait(ref _word[0], state, long.MaxValue);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Make()
    {
        try
        {
            _errno = Kernel.ProcessMadvise(_pidfd!, _vector.AsSpan(0, _count), _advice, out _advised);
        }
        catch (ObjectDisposedException)
        {
            (_errno, _advised) = (Errno.EBADF, -1); // given up before it was made, and the target disposed since
        }

        if (Interlocked.CompareExchange(ref _word[0], Returned, Made) == Made)
        {
            Kernel.FutexWake(ref _word[0]);
        }
        else
        {
            Volatile.Write(ref _word[0], Ended); // the call was given up
        }
    }
}
