using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the kernel's layout sequence of processes: one system call, independent of the layouts' size.</summary>
/// <remarks>
/// Needs <c>CAP_BPF</c> and <c>CAP_PERFMON</c> when a program is loaded; reading continues after they are dropped. Safe for use by several
/// threads. The kernel verifies the programs once; the whole process shares them. If the sequence cannot be read, there still is a reader: it says why, and reads nothing.
/// </remarks>
internal sealed unsafe class SequenceReader
{
    /// <summary>The maximum number of processes per system call.</summary>
    /// <remarks>
    /// The kernel accepts up to 819, the range of an offset into the context. But it verifies the program's part for each,
    /// at 1 ms, with diminishing returns: 1.9 us for one process, 0.10 us each for 32, 0.07 us each for 64 (measured, Linux 6.18).
    /// </remarks>
    public const int MaxBatch = 32;

    private static readonly LoadOnce<SequenceReader> SharedReader = new(static (out SequenceReader? reader) => (reader = SequenceProbe.Run()).Availability);

    private readonly SafeDescriptor? _single;
    private readonly LoadOnce<SafeDescriptor> _batch;
    private readonly LoadOnce<TaskIterator> _iterator;

    private SequenceReader(
        SequenceAvailability availability, SequenceSymbols? symbols, SafeDescriptor? single, LoadOnce<SafeDescriptor>.Loader batch, LoadOnce<TaskIterator>.Loader iterator)
    {
        Availability = availability;
        Symbols = symbols;
        _single = single;
        _batch = new LoadOnce<SafeDescriptor>(batch);
        _iterator = new LoadOnce<TaskIterator>(iterator);
    }

    /// <summary>The reader of this process; the first use probes the machine, which takes some 30 ms. Takes a lock: keep the result.</summary>
    public static SequenceReader Shared
    {
        get
        {
            SharedReader.Get(out SequenceReader? reader);
            return reader!;
        }
    }

    public SequenceAvailability Availability { get; }

    /// <summary>The symbols of the programs; null if there are none.</summary>
    public SequenceSymbols? Symbols { get; }

    /// <summary>A reader over a loaded program; loads the others at first use.</summary>
    public static SequenceReader With(
        SequenceSymbols symbols, SafeDescriptor single, LoadOnce<SafeDescriptor>.Loader batch, LoadOnce<TaskIterator>.Loader iterator) =>
        new(SequenceAvailability.Available, symbols, single, batch, iterator);

    /// <summary>A reader that reads nothing.</summary>
    public static SequenceReader Without(SequenceAvailability availability)
    {
        return new SequenceReader(availability, null, null, Refuse, Refuse);

        SequenceAvailability Refuse<T>(out T? loaded)
            where T : class
        {
            loaded = null;
            return availability;
        }
    }

    /// <summary>Reads the sequence of a process; if it returns false, <paramref name="reading"/> says what was found instead.</summary>
    /// <param name="pid">The process id in the pid namespace of the calling thread.</param>
    /// <param name="reading">What was read.</param>
    /// <remarks>One system call. Allocates nothing; may be called while a target is frozen, after <see cref="WarmUp"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRead(int pid, out SequenceReading reading)
    {
        if (_single is null || pid <= 0)
        {
            reading = default;
            return false;
        }

        SequenceSlot slot = new() { Pid = pid };
        Errno errno = Run(_single, &slot, 1);
        reading = errno.Ok ? SequenceReading.From(in slot) : default(SequenceReading) with { Errno = errno };
        return reading.State == SequenceState.Read;
    }

    /// <summary>The same for a target; also false if its pid was reused.</summary>
    public bool TryRead(ProcessTarget target, out SequenceReading reading) =>
        TryRead(target.Pid, out reading) && reading.StartTime == target.Identity.StartTime;

    /// <summary>The same while no writer is inside: waits for one that is, which may have lost its processor there, for some 20 ms.</summary>
    public bool TryReadAtRest(ProcessTarget target, out SequenceReading reading)
    {
        const int Spins = 64, Sleeps = 200;
        const long Rest = 50_000; // nanoseconds
        bool isRead = TryRead(target, out reading);
        for (int i = 0; i < Spins + Sleeps && isRead && reading.IsWriting; i++)
        {
            _ = i < Spins ? Errno.None : Kernel.Sleep(Rest);
            isRead = TryRead(target, out reading);
        }

        return isRead && !reading.IsWriting;
    }

    /// <summary>Reads many processes, <see cref="MaxBatch"/> per call. A process that was not found has a reading too.</summary>
    /// <param name="pids">Process ids above zero.</param>
    /// <param name="readings">One element per pid.</param>
    /// <returns>Whether the kernel accepted the program for many, which is loaded at first use in some 30 ms.</returns>
    public SequenceAvailability Read(ReadOnlySpan<int> pids, Span<SequenceReading> readings)
    {
        SequenceAvailability availability = _batch.Get(out SafeDescriptor? program);
        SequenceSlot* slots = stackalloc SequenceSlot[MaxBatch];
        for (int done = 0; program is not null && done < pids.Length; done += MaxBatch)
        {
            ReadOnlySpan<int> part = pids[done..Math.Min(done + MaxBatch, pids.Length)];
            new Span<SequenceSlot>(slots, MaxBatch).Clear(); // a pid of 0 ends the list
            for (int i = 0; i < part.Length; i++)
            {
                slots[i].Pid = part[i];
            }

            Errno errno = Run(program, slots, MaxBatch);
            if (!errno.Ok)
            {
                return BpfLoader.Explain(errno, "(the program was loaded; running it failed)");
            }

            for (int i = 0; i < part.Length; i++)
            {
                readings[done + i] = SequenceReading.From(in slots[i]);
            }
        }

        return availability;
    }

    /// <summary>The iterator over all processes of the machine, or why there is none: an old kernel, or a caller outside the initial pid namespace.</summary>
    public SequenceAvailability GetIterator(out TaskIterator? iterator) => _iterator.Get(out iterator);

    /// <summary>Runs the code of <see cref="TryRead(int, out SequenceReading)"/> on the calling process, so that nothing is compiled while a target is frozen.</summary>
    public void WarmUp()
    {
        TryRead(Environment.ProcessId, out SequenceReading first);
        TryRead(Environment.ProcessId, out SequenceReading second);
        second.IsUnchangedSince(in first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Errno Run(SafeDescriptor program, SequenceSlot* slots, int count)
    {
        bpf_attr attributes = default;
        attributes.test.ctx_in = (ulong)slots;
        attributes.test.ctx_size_in = (uint)(count * SequenceSlot.Bytes);
        return Kernel.BpfRun(program, ref attributes);
    }
}
