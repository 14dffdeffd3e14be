using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;

namespace ConsistentMadvise;

/// <summary>The skeleton of the programs that read processes by the pids in their context.</summary>
/// <remarks>
/// The context is an array of slots that begin with pid and <see cref="SequenceState"/>. It can be accessed only at constant offsets, so the
/// program is unrolled, one part per slot. <c>task->mm</c> is followed without a reference, which is safe: the kernel makes such loads
/// fault-proof. It may have been freed and reused by then, so it is read twice, and the caller compares it with the pinned one.
/// </remarks>
internal static class ByPidProgram
{
    public const BpfRegister Context = R6;
    public const BpfRegister Task = R7;
    public const BpfRegister Mm = R8;
    public const short PidAt = 0;
    public const short StateAt = 4;
    public const short FenceAt = -8;

    private const BpfRegister State = R9;

    /// <summary>Copies fields to the slot that begins so many bytes into the context. It may use <see cref="R1"/> to <see cref="R5"/>.</summary>
    public delegate void FieldReads(BpfAssembler code, SequenceSymbols symbols, int slot);

    /// <param name="symbols">The kernel's offsets and functions.</param>
    /// <param name="slots">How many slots the context has.</param>
    /// <param name="slotBytes">How long each is.</param>
    /// <param name="readTask">Reads of <see cref="Task"/>, whether or not it has an address space.</param>
    /// <param name="readMm">Reads of <see cref="Mm"/>, between two fences.</param>
    /// <exception cref="OverflowException">The last slot is beyond the range of an offset.</exception>
    public static bpf_insn[] Assemble(SequenceSymbols symbols, int slots, int slotBytes, FieldReads readTask, FieldReads readMm)
    {
        BpfAssembler code = new();
        BpfLabel end = code.NewLabel();
        code.Move(Context, R1);
        code.Move(R0, 0);
        code.Store64(Frame, FenceAt, R0);
        for (int i = 0; i < slots; i++)
        {
            int slot = i * slotBytes;
            BpfLabel next = code.NewLabel();
            code.Load32(R1, Context, At(slot, PidAt));
            code.JumpIfZero(R1, end);
            code.CallKernel(symbols.TaskFromVpid != 0 ? symbols.TaskFromVpid : symbols.TaskFromPid);
            code.JumpIfZero(R0, next);

            code.Move(Task, R0);
            readTask(code, symbols, slot);
            ReadAddressSpace(code, symbols, slot, readMm);
            code.Store32(Context, At(slot, StateAt), State);
            code.Move(R1, Task);
            code.CallKernel(symbols.TaskRelease);
            code.Mark(next);
        }

        code.Mark(end);
        code.Move(R0, 0);
        code.Exit();
        return code.Assemble();
    }

    /// <summary>The offset of a slot's field.</summary>
    public static short At(int slot, short field) => checked((short)(slot + field));

    private static void ReadAddressSpace(BpfAssembler code, SequenceSymbols symbols, int slot, FieldReads readMm)
    {
        BpfLabel settled = code.NewLabel();
        code.Move(State, (int)SequenceState.NoAddressSpace);
        code.Load64(Mm, Task, symbols.TaskMm);
        code.JumpIfZero(Mm, settled);

        code.Fence(FenceAt);
        readMm(code, symbols, slot);
        code.Fence(FenceAt);

        code.Move(State, (int)SequenceState.Read);
        code.Load64(R1, Task, symbols.TaskMm);
        code.JumpIfEqual(R1, Mm, settled);
        code.Move(State, (int)SequenceState.Replaced);
        code.Mark(settled);
    }
}
