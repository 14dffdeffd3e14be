using System.Numerics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the kernel's sequences of single VMAs, by their addresses: one system call for up to <see cref="VmaRequest.MaxEntries"/>, whatever the size of the layout.</summary>
/// <remarks>Needs what <see cref="SequenceReader"/> needs, and a kernel whose maple tree is known. Safe for use by several threads; allocates nothing.</remarks>
[RunsFrozen]
internal sealed unsafe class VmaSequenceReader
{
    /// <summary>As many threads read at once; each holds its slot for microseconds.</summary>
    private const int Slots = 64;

    private const int MaxSpins = 10_000;

    private static readonly LoadOnce<VmaSequenceReader> Once = new(Probe);

    private readonly SafeDescriptor _program;
    private readonly byte* _memory;
    private ulong _taken;

    private VmaSequenceReader(SafeDescriptor program, nint memory)
    {
        _program = program;
        _memory = (byte*)memory;
    }

    /// <summary>Returns the reader of this process, or why there is none. The first use loads a program, in some milliseconds.</summary>
    public static SequenceAvailability Get(out VmaSequenceReader? reader) => Once.Get(out reader);

    /// <summary>Takes a slot; returns false if all stay taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRent(out VmaBatch batch)
    {
        for (int spins = 0; spins < MaxSpins; spins++)
        {
            ulong taken = Volatile.Read(ref _taken);
            int slot = BitOperations.TrailingZeroCount(~taken);
            if (slot < Slots && Interlocked.CompareExchange(ref _taken, taken | 1UL << slot, taken) == taken)
            {
                batch = new VmaBatch(this, slot);
                return true;
            }

            Thread.SpinWait(1);
        }

        batch = default;
        return false;
    }

    /// <summary>The head of a slot; its entries follow.</summary>
    internal VmaRequest* At(int slot) => (VmaRequest*)(_memory + slot * VmaRequest.SlotBytes);

    internal void Return(int slot) => Interlocked.And(ref _taken, ~(1UL << slot));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal Errno Run(int slot)
    {
        uint context = (uint)slot;
        bpf_attr attributes = default;
        attributes.test.ctx_in = (ulong)(&context);
        attributes.test.ctx_size_in = sizeof(uint);
        return Kernel.BpfRun(_program, ref attributes);
    }

    private static SequenceAvailability Probe(out VmaSequenceReader? reader)
    {
        reader = null;
        SequenceReader whole = SequenceReader.Shared;
        if (whole.Symbols?.Tree is null)
        {
            return whole.Availability.IsAvailable
                ? new SequenceAvailability(SequenceObstacle.FieldMissing, "This kernel's type information lacks the tree of VMAs as the library knows it, or the sequence of a VMA (vm_area_struct.vm_lock_seq).")
                : whole.Availability;
        }

        SequenceAvailability availability = Load(whole.Symbols, out VmaSequenceReader? loaded);
        availability = loaded is null ? availability : VmaSequenceSelfCheck.Run(loaded);
        reader = availability.IsAvailable ? loaded : null;
        return availability;
    }

    /// <summary>Creates the map, which this process maps for as long as it lives, and loads the program over it.</summary>
    internal static SequenceAvailability Load(SequenceSymbols symbols, out VmaSequenceReader? reader)
    {
        reader = null;
        bpf_attr attributes = new()
        {
            map_type = Uapi.BPF_MAP_TYPE_ARRAY,
            key_size = sizeof(uint),
            value_size = VmaRequest.SlotBytes,
            max_entries = Slots,
            map_flags = Uapi.BPF_F_MMAPABLE,
        };
        Errno errno = Kernel.BpfMap(ref attributes, out SafeDescriptor map);
        using (map)
        {
            nint memory = 0;
            errno = errno.Ok ? Kernel.MapShared(map, Slots * VmaRequest.SlotBytes, out memory) : errno;
            if (!errno.Ok)
            {
                return BpfLoader.Explain(errno, string.Empty);
            }

            using SafeDescriptor.Use use = map.Borrow();
            SequenceAvailability availability = BpfLoader.Load(
                VmaProgram.Assemble(symbols, use.Number),
                "cm_vmas"u8,
                new bpf_attr { prog_type = Uapi.BPF_PROG_TYPE_SYSCALL, prog_flags = Uapi.BPF_F_SLEEPABLE },
                out SafeDescriptor? program);
            if (program is null)
            {
                Kernel.Unmap(memory, Slots * VmaRequest.SlotBytes);
                return availability;
            }

            reader = new VmaSequenceReader(program, memory);
            return availability;
        }
    }
}
