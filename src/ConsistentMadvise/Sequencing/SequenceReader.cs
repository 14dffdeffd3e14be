using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the kernel's layout sequence of processes: one system call, whatever the size of their layouts.</summary>
/// <remarks>
/// Needs <c>CAP_BPF</c> and <c>CAP_PERFMON</c> when a program is loaded; reading goes on after they were given up. Safe for use by several
/// threads. The kernel checks the programs once; the whole process shares them. Where the sequence cannot be read there is a reader all the same: it says why, and reads nothing.
/// </remarks>
internal sealed unsafe class SequenceReader
{
    /// <summary>How many processes one system call reads at most; of more, several calls.</summary>
    /// <remarks>
    /// The kernel takes up to 819, which is as far as an instruction reaches into the context. But it checks each one's part of the program
    /// anew, at 1 ms, for which it gains ever less: 1.9 us for one process, 0.10 us each for 32, 0.07 us each for 64 (measured, Linux 6.18).
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

    /// <summary>The reader of this process; the first use tries what the machine offers, which takes some 30 ms. Takes a lock: keep what it returns.</summary>
    public static SequenceReader Shared
    {
        get
        {
            SharedReader.Get(out SequenceReader? reader);
            return reader!;
        }
    }

    public SequenceAvailability Availability { get; }

    /// <summary>What the programs were made from; null when there are none.</summary>
    public SequenceSymbols? Symbols { get; }

    /// <summary>A reader over a loaded program, and what loads the others once they are asked for.</summary>
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

    /// <summary>Reads the sequence of a process; false when it could not be read, and <paramref name="reading"/> says what was found instead.</summary>
    /// <param name="pid">The process id in the pid namespace of the calling thread.</param>
    /// <param name="reading">What was read.</param>
    /// <remarks>One system call. Allocates nothing; may be called while a target is frozen, once <see cref="Rehearse"/> was called.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRead(int pid, out SequenceReading reading)
    {
        if (_single is null || pid <= 0)
        {
            reading = default;
            return false;
        }

        SequenceSlot slot = new() { Pid = pid };
        reading = Run(_single, &slot, 1).Ok ? SequenceReading.From(in slot) : default;
        return reading.State == SequenceState.Read;
    }

    /// <summary>Reads many processes, <see cref="MaxBatch"/> in a call. A process that was not found is a reading too; each says what it is.</summary>
    /// <param name="pids">Process ids above zero.</param>
    /// <param name="readings">A place for each.</param>
    /// <returns>Whether the kernel took the program for many; it is loaded at the first use, in some 30 ms.</returns>
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

    /// <summary>The walk over all processes of the machine, or why there is none: an old kernel, or a caller outside the initial pid namespace.</summary>
    public SequenceAvailability GetIterator(out TaskIterator? iterator) => _iterator.Get(out iterator);

    /// <summary>Runs the code of <see cref="TryRead"/> on the calling process: nothing is to be compiled while a target is frozen.</summary>
    public void Rehearse()
    {
        TryRead(Environment.ProcessId, out SequenceReading first);
        TryRead(Environment.ProcessId, out SequenceReading second);
        second.IsUnchangedSince(in first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Errno Run(SafeDescriptor program, SequenceSlot* slots, int count)
    {
        bpf_attr attributes = default;
        attributes.test.prog_fd = (uint)program.Value;
        attributes.test.ctx_in = (ulong)slots;
        attributes.test.ctx_size_in = (uint)(count * SequenceSlot.Bytes);
        return Kernel.Bpf(Uapi.BPF_PROG_TEST_RUN, ref attributes, out _);
    }
}
