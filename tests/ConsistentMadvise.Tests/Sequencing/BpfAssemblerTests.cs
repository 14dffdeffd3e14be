using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;

namespace ConsistentMadvise.Tests;

public sealed class BpfAssemblerTests
{
    [Fact]
    public void Assemble_EachInstruction_IsEncodedAsTheInstructionSetSays()
    {
        // A byte of operation, the source and destination registers, two bytes of offset, four of an immediate value.
        AssertCode("bf16000000000000", static code => code.Move(R6, R1));
        AssertCode("b7090000feffffff", static code => code.Move(R9, -2));
        AssertCode("07020000d8ffffff", static code => code.Add(R2, -40));
        AssertCode("6171f00400000000", static code => code.Load32(R1, R7, 1264));
        AssertCode("7978700400000000", static code => code.Load64(R8, R7, 1136));
        AssertCode("631ad8ff00000000", static code => code.Store32(Frame, -40, R1));
        AssertCode("7b86180000000000", static code => code.Store64(R6, 24, R8));
        AssertCode("db1af8ff01000000", static code => code.FetchAdd64(Frame, -8, R1));
        AssertCode("8520000079010100", static code => code.CallKernel(65913));
        AssertCode("850000007f000000", static code => code.CallHelper(127));
        AssertCode("9500000000000000", static code => code.Exit());
    }

    [Fact]
    public void Assemble_Jumps_CountFromTheInstructionAfter()
    {
        string expected = "1500030000000000" + "1d18000000000000" + "5d21010000000000" + "bf16000000000000" + "9500000000000000";
        AssertCode(expected, static code =>
        {
            BpfLabel next = code.NewLabel(), end = code.NewLabel();
            code.JumpIfZero(R0, end);
            code.JumpIfEqual(R8, R1, next);
            code.Mark(next);
            code.JumpIfNotEqual(R1, R2, end);
            code.Move(R6, R1);
            code.Mark(end);
            code.Exit();
        });
    }

    [Fact]
    public void Assemble_JumpBackwards_IsNegative() => AssertCode("bf160000000000001500feff00000000", static code =>
    {
        BpfLabel first = code.NewLabel();
        code.Mark(first);
        code.Move(R6, R1);
        code.JumpIfZero(R0, first);
    });

    [Fact]
    public void Assemble_LabelThatWasNeverMarked_Throws()
    {
        BpfAssembler code = new();
        code.JumpIfZero(R0, code.NewLabel());
        Assert.Throws<InvalidOperationException>(code.Assemble);
    }

    [Theory]
    [InlineData(32767, false)]
    [InlineData(32768, true)]
    public void Assemble_JumpBeyondItsReach_Throws(int instructions, bool isTooFar)
    {
        BpfAssembler code = new();
        BpfLabel end = code.NewLabel();
        code.JumpIfZero(R0, end);
        for (int i = 0; i < instructions; i++)
        {
            code.Exit();
        }

        code.Mark(end);
        if (isTooFar)
        {
            Assert.Throws<OverflowException>(code.Assemble);
        }
        else
        {
            Assert.Equal(32767, code.Assemble()[0].off);
        }
    }

    private static void AssertCode(string expected, Action<BpfAssembler> write)
    {
        BpfAssembler code = new();
        write(code);
        ReadOnlySpan<bpf_insn> program = code.Assemble();
        Assert.Equal(expected, Convert.ToHexStringLower(MemoryMarshal.AsBytes(program)));
    }
}
