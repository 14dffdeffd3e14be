using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;
using static ConsistentMadvise.ByPidProgram;

namespace ConsistentMadvise;

/// <summary>The program that reads the sequence of the processes whose pids are in its context, an array of <see cref="SequenceSlot"/>.</summary>
internal static class SequenceProgram
{
    /// <exception cref="OverflowException">The last slot is beyond the range of an offset.</exception>
    public static bpf_insn[] Assemble(SequenceSymbols symbols, int slots) => ByPidProgram.Assemble(symbols, slots, SequenceSlot.Bytes, ReadTask, ReadMm);

    private static void ReadTask(BpfAssembler code, SequenceSymbols symbols, int slot)
    {
        code.Load64(R1, ByPidProgram.Task, symbols.TaskStartBoottime);
        code.Store64(Context, At(slot, SequenceSlot.StartBoottimeAt), R1);
    }

    private static void ReadMm(BpfAssembler code, SequenceSymbols symbols, int slot)
    {
        code.Load32(R1, Mm, symbols.MmLockSequence);
        code.Store32(Context, At(slot, SequenceSlot.SequenceAt), R1);
        code.Load32(R1, Mm, symbols.MmMapCount);
        code.Store32(Context, At(slot, SequenceSlot.VmaCountAt), R1);
        code.Load64(R1, ByPidProgram.Task, symbols.TaskSelfExecId);
        code.Store64(Context, At(slot, SequenceSlot.ExecIdAt), R1);
        code.Store64(Context, At(slot, SequenceSlot.MmAt), Mm);
    }
}
