using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads how many users an address space has, and how many of them are threads of one process: one system call, whoever else there is on the machine.</summary>
/// <remarks>
/// Every thread that runs in an address space counts once in <c>mm_users</c>, the kernel's workers for io_uring among them; so does, for
/// a moment, who looks at it from outside (a reader of maps, a hint). Safe for use by several threads.
/// </remarks>
internal sealed unsafe class UsersReader
{
    private static readonly Lazy<UsersReader?> Once = new(Probe);

    private readonly SafeDescriptor _program;

    private UsersReader(SafeDescriptor program) => _program = program;

    /// <summary>The reader of this process; null where there is none: what <see cref="SequenceReader"/> needs is missing, or a field. The first use loads a program.</summary>
    public static UsersReader? Shared => Once.Value;

    /// <summary>Reads both counts of a process; false when it has no address space, left it meanwhile, or was not found.</summary>
    /// <remarks>Allocates nothing.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRead(int pid, out int users, out int liveThreads, out AddressSpaceId addressSpace)
    {
        UsersSlot slot = new() { Pid = pid };
        bpf_attr attributes = default;
        attributes.test.prog_fd = (uint)_program.Value;
        attributes.test.ctx_in = (ulong)(&slot);
        attributes.test.ctx_size_in = UsersSlot.Bytes;
        bool isRead = Kernel.Bpf(Uapi.BPF_PROG_TEST_RUN, ref attributes, out _).Ok && slot.State == SequenceState.Read;
        users = slot.Users;
        liveThreads = slot.LiveThreads;
        addressSpace = AddressSpaceId.Of(slot.Mm);
        return isRead;
    }

    private static UsersReader? Probe()
    {
        if (!SequenceReader.Shared.Availability.IsAvailable || SequenceReader.Shared.Symbols is not { SignalLive: > 0, MmUsers: > 0 } symbols)
        {
            return null;
        }

        SequenceAvailability availability = BpfLoader.Load(
            UsersProgram.Assemble(symbols),
            "cm_users"u8,
            new bpf_attr { prog_type = Uapi.BPF_PROG_TYPE_SYSCALL, prog_flags = Uapi.BPF_F_SLEEPABLE },
            out SafeDescriptor? program);
        if (!availability.IsAvailable || program is null)
        {
            return null;
        }

        // A wrong offset must not look like an address space that nobody shares. Threads of this process may come and go meanwhile.
        UsersReader reader = new(program);
        int before = ProcFile.CountThreads(Environment.ProcessId);
        bool isPlausible = reader.TryRead(Environment.ProcessId, out int users, out int threads, out AddressSpaceId space)
            && SequenceReader.Shared.TryRead(Environment.ProcessId, out SequenceReading reading) && reading.AddressSpace == space;
        int after = ProcFile.CountThreads(Environment.ProcessId);
        return isPlausible && users >= threads && threads >= Math.Min(before, after) && threads <= Math.Max(before, after) ? reader : null;
    }
}
