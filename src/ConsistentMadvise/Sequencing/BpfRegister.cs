namespace ConsistentMadvise;

/// <summary>The registers of an eBPF program (<c>Documentation/bpf/standardization/instruction-set.rst</c>).</summary>
/// <remarks>R0 returns, R1 to R5 carry arguments and are lost at a call, R6 to R9 are kept, R10 points behind the 512 bytes of stack.</remarks>
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
