using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;

namespace ConsistentMadvise;

/// <summary>The program that reads the sequence of the processes whose pids are in its context.</summary>
/// <remarks>
/// The context is an array of <see cref="SequenceSlot"/>. It can be accessed only at constant offsets, so the
/// program is unrolled, one part per slot. <c>task->mm</c> is followed without a reference, which is safe: the kernel makes such loads
/// fault-proof. It may have been freed and reused by then, so it is read twice, and the caller compares it with the pinned one.
/// </remarks>
internal static class SequenceProgram
{
    private const BpfRegister Context = R6;
    private const BpfRegister Task = R7;
    private const BpfRegister Mm = R8;
    private const BpfRegister State = R9;
    private const short FenceAt = -8;

    /// <exception cref="OverflowException">The last slot is beyond the range of an offset.</exception>
    public static bpf_insn[] Assemble(SequenceSymbols symbols, int slots)
    {
        BpfAssembler code = new();
        BpfLabel end = code.NewLabel();
        code.Move(Context, R1);
        code.Move(R0, 0);
        code.Store64(Frame, FenceAt, R0);
        for (int slot = 0; slot < slots; slot++)
        {
            ReadSlot(code, symbols, slot * SequenceSlot.Bytes, end);
        }

        code.Mark(end);
        code.Move(R0, 0);
        code.Exit();
        return code.Assemble();
    }

    private static void ReadSlot(BpfAssembler code, SequenceSymbols symbols, int slot, BpfLabel end)
    {
        BpfLabel next = code.NewLabel();
        BpfLabel found = code.NewLabel();
        code.Load32(R1, Context, At(slot, SequenceSlot.PidAt));
        code.JumpIfZero(R1, end);
        code.CallKernel(symbols.TaskFromVpid != 0 ? symbols.TaskFromVpid : symbols.TaskFromPid);
        code.JumpIfZero(R0, next);

        code.Move(Task, R0);
        code.Load64(R1, Task, symbols.TaskStartBoottime);
        code.Store64(Context, At(slot, SequenceSlot.StartBoottimeAt), R1);
        code.Move(State, (int)SequenceState.NoAddressSpace);
        code.Load64(Mm, Task, symbols.TaskMm);
        code.JumpIfZero(Mm, found);

        code.Fence(FenceAt);
        code.Load32(R1, Mm, symbols.MmLockSequence);
        code.Store32(Context, At(slot, SequenceSlot.SequenceAt), R1);
        code.Load32(R1, Mm, symbols.MmMapCount);
        code.Store32(Context, At(slot, SequenceSlot.VmaCountAt), R1);
        code.Load64(R1, Task, symbols.TaskSelfExecId);
        code.Store64(Context, At(slot, SequenceSlot.ExecIdAt), R1);
        code.Store64(Context, At(slot, SequenceSlot.MmAt), Mm);
        code.Fence(FenceAt);

        code.Move(State, (int)SequenceState.Read);
        code.Load64(R1, Task, symbols.TaskMm);
        code.JumpIfEqual(R1, Mm, found);
        code.Move(State, (int)SequenceState.Replaced);

        code.Mark(found);
        code.Store32(Context, At(slot, SequenceSlot.StateAt), State);
        code.Move(R1, Task);
        code.CallKernel(symbols.TaskRelease);
        code.Mark(next);
    }

    private static short At(int slot, short field) => checked((short)(slot + field));
}
