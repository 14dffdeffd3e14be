using System.Buffers;
using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the sequence of every process of the machine in one pass, by an eBPF task iterator. In the initial pid namespace only.</summary>
internal sealed class TaskIterator
{
    /// <summary>The kernel fills eight pages per read, then continues with the next task.</summary>
    private const int BytesPerRead = 32 * 1024;

    private readonly SafeDescriptor _link;

    private TaskIterator(SafeDescriptor link) => _link = link;

    /// <summary>Loads the program and links it to the task iterator.</summary>
    public static SequenceAvailability Create(SequenceSymbols symbols, bool isInitialPidNamespace, out TaskIterator? iterator)
    {
        iterator = null;
        if (!isInitialPidNamespace)
        {
            return new SequenceAvailability(
                SequenceObstacle.PidNamespace, "The task iterator reports pids of the initial pid namespace, and the caller is in another.");
        }

        if (symbols.IterateTasks == 0)
        {
            return new SequenceAvailability(SequenceObstacle.FunctionMissing, "This kernel has no task iterator (bpf_iter_task).");
        }

        bpf_attr attributes = new()
        {
            prog_type = Uapi.BPF_PROG_TYPE_TRACING,
            expected_attach_type = Uapi.BPF_TRACE_ITER,
            attach_btf_id = symbols.IterateTasks,
        };
        SequenceAvailability availability = BpfLoader.Load(
            TaskIteratorProgram.Assemble(symbols), "cm_sequences"u8, attributes, out SafeDescriptor? program);
        return program is null ? availability : Link(program, out iterator);
    }

    /// <summary>Reads every process that has an address space, in pid order. Processes that start or exit during the read may be missing.</summary>
    public Errno Read(out LayoutSequence[] sequences)
    {
        sequences = [];
        Errno errno = Kernel.BpfIterate(_link, out SafeDescriptor iterator);
        using SafeDescriptor opened = iterator;
        if (!errno.Ok)
        {
            return errno;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BytesPerRead * 2);
        errno = Fill(iterator, ref buffer, out int filled);
        if (errno.Ok)
        {
            sequences = ToSequences(MemoryMarshal.Cast<byte, SequenceSlot>(buffer.AsSpan(0, filled)));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return errno;
    }

    /// <summary>The link keeps the program loaded.</summary>
    private static SequenceAvailability Link(SafeDescriptor program, out TaskIterator? iterator)
    {
        bpf_attr attributes = default;
        attributes.link_create.attach_type = Uapi.BPF_TRACE_ITER;
        Errno errno = Kernel.BpfLink(program, ref attributes, out SafeDescriptor link);
        program.Dispose();
        iterator = errno.Ok ? new TaskIterator(link) : null;
        return errno.Ok ? SequenceAvailability.Available : BpfLoader.Explain(errno, "(the program was loaded; it could not be linked to the task iterator)");
    }

    private static LayoutSequence[] ToSequences(ReadOnlySpan<SequenceSlot> slots)
    {
        LayoutSequence[] sequences = new LayoutSequence[slots.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            sequences[i] = new LayoutSequence(slots[i].Pid, SequenceReading.From(in slots[i]));
        }

        return sequences;
    }

    private static Errno Fill(SafeDescriptor iterator, ref byte[] buffer, out int filled)
    {
        filled = 0;
        while (true)
        {
            if (buffer.Length - filled < BytesPerRead)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            // EAGAIN: the kernel skipped a million tasks without finding a process.
            Errno errno = Kernel.Read(iterator, buffer.AsSpan(filled), out int count);
            if (errno == Errno.EAGAIN || errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count == 0)
            {
                return errno;
            }

            filled += count;
        }
    }
}
