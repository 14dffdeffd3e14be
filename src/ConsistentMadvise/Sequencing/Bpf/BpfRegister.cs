namespace ConsistentMadvise;

/// <summary>The registers of an eBPF program (<c>Documentation/bpf/standardization/instruction-set.rst</c>).</summary>
/// <remarks>R0 is the return value, R1 to R5 are arguments (caller-saved), R6 to R9 are callee-saved, R10 is the frame pointer, at the end of the 512 bytes of stack.</remarks>
internal enum BpfRegister : byte
{
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    Frame,
}
