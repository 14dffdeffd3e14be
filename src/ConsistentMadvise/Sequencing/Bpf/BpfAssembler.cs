using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Writes an eBPF program, one instruction per method. Jumps name labels; <see cref="Assemble"/> resolves them.</summary>
/// <remarks>
/// Only the instructions that the programs use. The destination operand comes first.
/// Source: <c>Documentation/bpf/standardization/instruction-set.rst</c>.
/// </remarks>
internal sealed class BpfAssembler
{
    private const int Unmarked = -1;

    private readonly List<bpf_insn> _code = [];
    private readonly List<int> _labels = [];
    private readonly List<(int Instruction, BpfLabel Label)> _jumps = [];

    public BpfLabel NewLabel()
    {
        _labels.Add(Unmarked);
        return new BpfLabel(_labels.Count - 1);
    }

    /// <summary>Puts a label before the next instruction.</summary>
    public void Mark(BpfLabel label) => _labels[label.Number] = _code.Count;

    public void Move(BpfRegister to, BpfRegister from) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_MOV | Uapi.BPF_X, to, from);

    public void Move(BpfRegister to, int value) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_MOV | Uapi.BPF_K, to, immediate: value);

    public void Add(BpfRegister to, BpfRegister value) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_ADD | Uapi.BPF_X, to, value);

    public void And(BpfRegister to, int value) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_AND | Uapi.BPF_K, to, immediate: value);

    public void ShiftLeft(BpfRegister to, int bits) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_LSH | Uapi.BPF_K, to, immediate: bits);

    public void ShiftRight(BpfRegister to, int bits) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_RSH | Uapi.BPF_K, to, immediate: bits);

    public void Add(BpfRegister to, int value) => Emit(Uapi.BPF_ALU64 | Uapi.BPF_ADD | Uapi.BPF_K, to, immediate: value);

    /// <summary>Loads 32 bits, zero-extended.</summary>
    public void Load32(BpfRegister to, BpfRegister address, short offset) => Emit(Uapi.BPF_LDX | Uapi.BPF_MEM | Uapi.BPF_W, to, address, offset);

    public void Load64(BpfRegister to, BpfRegister address, short offset) => Emit(Uapi.BPF_LDX | Uapi.BPF_MEM | Uapi.BPF_DW, to, address, offset);

    public void Store32(BpfRegister address, short offset, BpfRegister from) => Emit(Uapi.BPF_STX | Uapi.BPF_MEM | Uapi.BPF_W, address, from, offset);

    public void Store64(BpfRegister address, short offset, BpfRegister from) => Emit(Uapi.BPF_STX | Uapi.BPF_MEM | Uapi.BPF_DW, address, from, offset);

    /// <summary>Adds to 64 bits in memory and loads the old value into <paramref name="value"/>: a full barrier.</summary>
    public void FetchAdd64(BpfRegister address, short offset, BpfRegister value) =>
        Emit(Uapi.BPF_STX | Uapi.BPF_ATOMIC | Uapi.BPF_DW, address, value, offset, Uapi.BPF_ADD | Uapi.BPF_FETCH);

    /// <summary>A full barrier on every architecture, as the kernel's memory model defines for value-returning atomics. Clobbers R1.</summary>
    /// <param name="place">Eight initialized bytes of stack.</param>
    public void Fence(short place)
    {
        Move(BpfRegister.R1, 0);
        FetchAdd64(BpfRegister.Frame, place, BpfRegister.R1);
    }

    /// <summary>Loads the address of a map, for a helper.</summary>
    public void LoadMap(BpfRegister to, int descriptor)
    {
        Emit(Uapi.BPF_LD | Uapi.BPF_IMM | Uapi.BPF_DW, to, (BpfRegister)Uapi.BPF_PSEUDO_MAP_FD, immediate: descriptor);
        Emit(0); // the upper half of the value
    }

    public void Jump(BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JA, default, default, 0, to);

    /// <summary>Jumps once a loop has run about eight million times, which makes a loop without a counter acceptable to the verifier (Linux 6.9).</summary>
    public void MayGoto(BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JCOND, default, default, 0, to);

    public void JumpIfEqual(BpfRegister value, int other, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JEQ | Uapi.BPF_K, value, default, other, to);

    public void JumpIfNotEqual(BpfRegister value, int other, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JNE | Uapi.BPF_K, value, default, other, to);

    /// <summary>Jumps if the value is not below the other, both unsigned.</summary>
    public void JumpIfNotBelow(BpfRegister value, int other, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JGE | Uapi.BPF_K, value, default, other, to);

    public void JumpIfNotBelow(BpfRegister value, BpfRegister other, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JGE | Uapi.BPF_X, value, other, 0, to);

    /// <summary>Jumps if the value is not above the other, both unsigned.</summary>
    public void JumpIfNotAbove(BpfRegister value, BpfRegister other, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JLE | Uapi.BPF_X, value, other, 0, to);

    public void JumpIfZero(BpfRegister value, BpfLabel to) => JumpIfEqual(value, 0, to);

    public void JumpIfEqual(BpfRegister left, BpfRegister right, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JEQ | Uapi.BPF_X, left, right, 0, to);

    public void JumpIfNotEqual(BpfRegister left, BpfRegister right, BpfLabel to) => Jump(Uapi.BPF_JMP | Uapi.BPF_JNE | Uapi.BPF_X, left, right, 0, to);

    /// <summary>Calls a kernel function by its BTF id.</summary>
    public void CallKernel(uint function) =>
        Emit(Uapi.BPF_JMP | Uapi.BPF_CALL, default, (BpfRegister)Uapi.BPF_PSEUDO_KFUNC_CALL, immediate: checked((int)function));

    /// <summary>Calls one of the numbered helpers.</summary>
    public void CallHelper(int helper) => Emit(Uapi.BPF_JMP | Uapi.BPF_CALL, immediate: helper);

    public void Exit() => Emit(Uapi.BPF_JMP | Uapi.BPF_EXIT);

    /// <summary>Returns the program.</summary>
    /// <exception cref="InvalidOperationException">A jump's label was never marked.</exception>
    /// <exception cref="OverflowException">A jump is longer than 32,767 instructions.</exception>
    public bpf_insn[] Assemble()
    {
        bpf_insn[] program = [.. _code];
        foreach ((int instruction, BpfLabel label) in _jumps)
        {
            int target = _labels[label.Number];
            if (target == Unmarked)
            {
                throw new InvalidOperationException($"Instruction {instruction} jumps to a label that was never marked.");
            }

            // Relative to the instruction after the jump.
            program[instruction].off = checked((short)(target - instruction - 1));
        }

        return program;
    }

    private void Jump(int code, BpfRegister left, BpfRegister right, int other, BpfLabel to)
    {
        _jumps.Add((_code.Count, to));
        Emit(code, left, right, immediate: other);
    }

    private void Emit(int code, BpfRegister to = default, BpfRegister from = default, short offset = 0, int immediate = 0) =>
        _code.Add(new bpf_insn { code = (byte)code, dst_reg_src_reg = (byte)((int)to | (int)from << 4), off = offset, imm = immediate });
}
