using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;

namespace ConsistentMadvise;

/// <summary>The program that the kernel runs for each task when an iterator is read; it writes a <see cref="SequenceSlot"/> for each process.</summary>
/// <remarks>The pids that it writes are those of the initial pid namespace.</remarks>
internal static class TaskIteratorProgram
{
    // struct bpf_iter__task: meta, task. struct bpf_iter_meta: seq, and more.
    private const short MetaAt = 0;
    private const short TaskAt = 8;
    private const short SeqAt = 0;

    private const BpfRegister Context = R6;
    private const BpfRegister Task = R7;
    private const BpfRegister Mm = R8;
    private const short SlotAt = -SequenceSlot.Bytes;

    public static bpf_insn[] Assemble(SequenceSymbols symbols)
    {
        BpfAssembler code = new();
        BpfLabel end = code.NewLabel();
        code.Move(Context, R1);
        code.Load64(Task, Context, TaskAt);
        code.JumpIfZero(Task, end); // the call after the last task
        code.Load32(R1, Task, symbols.TaskPid);
        code.Load32(R2, Task, symbols.TaskTgid);
        code.JumpIfNotEqual(R1, R2, end);
        code.Load64(Mm, Task, symbols.TaskMm);
        code.JumpIfZero(Mm, end);

        code.Store32(Frame, SlotAt + SequenceSlot.PidAt, R1);
        code.Move(R1, (int)SequenceState.Read);
        code.Store32(Frame, SlotAt + SequenceSlot.StateAt, R1);
        code.Load32(R1, Mm, symbols.MmLockSequence);
        code.Store32(Frame, SlotAt + SequenceSlot.SequenceAt, R1);
        code.Load32(R1, Mm, symbols.MmMapCount);
        code.Store32(Frame, SlotAt + SequenceSlot.VmaCountAt, R1);
        code.Load64(R1, Task, symbols.TaskSelfExecId);
        code.Store64(Frame, SlotAt + SequenceSlot.ExecIdAt, R1);
        code.Store64(Frame, SlotAt + SequenceSlot.MmAt, Mm);
        code.Load64(R1, Task, symbols.TaskStartBoottime);
        code.Store64(Frame, SlotAt + SequenceSlot.StartBoottimeAt, R1);

        code.Load64(R1, Context, MetaAt);
        code.Load64(R1, R1, SeqAt);
        code.Move(R2, Frame);
        code.Add(R2, SlotAt);
        code.Move(R3, SequenceSlot.Bytes);
        code.CallHelper(Uapi.BPF_FUNC_seq_write); // if the page is full, the kernel repeats this task in the next read
        code.Mark(end);
        code.Move(R0, 0);
        code.Exit();
        return code.Assemble();
    }
}
