using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;
using static ConsistentMadvise.ByPidProgram;

namespace ConsistentMadvise;

/// <summary>The program that reads the number of an address space's users, then the number of its process's threads, to a <see cref="UsersSlot"/>.</summary>
/// <remarks>
/// In this order: a new thread counts as a user before it counts as a thread, an exiting one until after (<c>copy_process</c>, <c>do_exit</c>). So
/// unless a thread is created between the reads, more users than threads never look like equal counts.
/// </remarks>
internal static class UsersProgram
{
    public static bpf_insn[] Assemble(SequenceSymbols symbols) => ByPidProgram.Assemble(symbols, 1, UsersSlot.Bytes, static (_, _, _) => { }, ReadMm);

    private static void ReadMm(BpfAssembler code, SequenceSymbols symbols, int slot)
    {
        code.Load32(R1, Mm, symbols.MmUsers);
        code.Store32(Context, At(slot, UsersSlot.UsersAt), R1);
        code.Fence(FenceAt);
        code.Load64(R1, ByPidProgram.Task, symbols.TaskSignal);
        code.Load32(R1, R1, symbols.SignalLive);
        code.Store32(Context, At(slot, UsersSlot.LiveThreadsAt), R1);
        code.Store64(Context, At(slot, UsersSlot.MmAt), Mm);
    }
}
