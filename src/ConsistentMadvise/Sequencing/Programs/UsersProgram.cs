using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;

namespace ConsistentMadvise;

/// <summary>The program that reads the number of an address space's users, then the number of its process's threads.</summary>
/// <remarks>
/// In this order: a new thread counts as a user before it counts as a thread, an exiting one until after (<c>copy_process</c>, <c>do_exit</c>). So
/// unless a thread is created between the reads, more users than threads never look like equal counts.
/// </remarks>
internal static class UsersProgram
{
    private const BpfRegister Context = R6;
    private const BpfRegister Task = R7;
    private const BpfRegister Mm = R8;
    private const BpfRegister State = R9;
    private const short FenceAt = -8;

    public static bpf_insn[] Assemble(SequenceSymbols symbols)
    {
        BpfAssembler code = new();
        BpfLabel end = code.NewLabel();
        BpfLabel found = code.NewLabel();
        code.Move(Context, R1);
        code.Move(R0, 0);
        code.Store64(Frame, FenceAt, R0);
        code.Load32(R1, Context, UsersSlot.PidAt);
        code.CallKernel(symbols.TaskFromVpid != 0 ? symbols.TaskFromVpid : symbols.TaskFromPid);
        code.JumpIfZero(R0, end);

        code.Move(Task, R0);
        code.Move(State, (int)SequenceState.NoAddressSpace);
        code.Load64(Mm, Task, symbols.TaskMm);
        code.JumpIfZero(Mm, found);

        code.Fence(FenceAt);
        code.Load32(R1, Mm, symbols.MmUsers);
        code.Store32(Context, UsersSlot.UsersAt, R1);
        code.Fence(FenceAt);
        code.Load64(R1, Task, symbols.TaskSignal);
        code.Load32(R1, R1, symbols.SignalLive);
        code.Store32(Context, UsersSlot.LiveThreadsAt, R1);
        code.Store64(Context, UsersSlot.MmAt, Mm);
        code.Fence(FenceAt);

        code.Move(State, (int)SequenceState.Read);
        code.Load64(R1, Task, symbols.TaskMm);
        code.JumpIfEqual(R1, Mm, found);
        code.Move(State, (int)SequenceState.Replaced);

        code.Mark(found);
        code.Store32(Context, UsersSlot.StateAt, State);
        code.Move(R1, Task);
        code.CallKernel(symbols.TaskRelease);
        code.Mark(end);
        code.Move(R0, 0);
        code.Exit();
        return code.Assemble();
    }
}
