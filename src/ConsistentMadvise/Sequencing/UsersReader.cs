using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads how many users an address space has, and how many of them are threads of one process: one system call, independent of the number of processes.</summary>
/// <remarks>
/// Every thread that runs in an address space counts once in <c>mm_users</c>, including io_uring workers; so does, for
/// a moment, each access from outside (a reader of maps, a hint). Safe for use by several threads.
/// </remarks>
internal sealed unsafe class UsersReader
{
    private static readonly Lazy<UsersReader?> Once = new(Probe);

    private readonly SafeDescriptor _program;

    private UsersReader(SafeDescriptor program) => _program = program;

    /// <summary>The reader of this process; null if the sequence is unavailable, or BTF lacks <c>mm_users</c> or <c>signal->live</c>. The first use loads a program.</summary>
    public static UsersReader? Shared => Once.Value;

    /// <summary>Reads both counts of a process; returns false if it has no address space, left it during the read, or was not found.</summary>
    /// <remarks>Allocates nothing.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRead(int pid, out int users, out int liveThreads, out AddressSpaceId addressSpace)
    {
        UsersSlot slot = new() { Pid = pid };
        bpf_attr attributes = default;
        attributes.test.ctx_in = (ulong)(&slot);
        attributes.test.ctx_size_in = UsersSlot.Bytes;
        bool isRead = Kernel.BpfRun(_program, ref attributes).Ok && slot.State == SequenceState.Read;
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

        // A wrong offset must not look like an unshared address space. Threads of this process may come and go meanwhile.
        UsersReader reader = new(program);
        Errno first = ProcFile.CountThreads(Environment.ProcessId, out int before);
        bool isPlausible = reader.TryRead(Environment.ProcessId, out int users, out int threads, out AddressSpaceId space)
            && SequenceReader.Shared.TryRead(Environment.ProcessId, out SequenceReading reading) && reading.AddressSpace == space;
        Errno second = ProcFile.CountThreads(Environment.ProcessId, out int after);
        return isPlausible && first.Ok && second.Ok && users >= threads && threads >= Math.Min(before, after) && threads <= Math.Max(before, after) ? reader : null;
    }
}
