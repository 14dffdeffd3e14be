using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class BlockedCallTests
{
    [Theory]
    [InlineData(0x0, false)]
    [InlineData(0x1, false)] // WNOHANG
    [InlineData(0x2, true)]
    [InlineData(0xA, true)] // with WCONTINUED, as shells do
    public void Parse_Wait4_StopsAreAmongItsOptions(int options, bool waits)
    {
        string text = $"{SyscallNumber.wait4} 0xffffffff 0x7ffca6e23504 0x{options:x} 0x2 0x7ffca6e238c8 0x0 0x7ffca6e234f8 0x7f336fc7abd3\n";

        Assert.Equal(waits, BlockedCall.Parse(System.Text.Encoding.ASCII.GetBytes(text)).WaitsForStops);
    }

    [Theory]
    [InlineData(0x4, false)] // WEXITED
    [InlineData(0x6, true)]
    public void Parse_WaitId_ItsOptionsAreFourth(int options, bool waits)
    {
        string text = $"{SyscallNumber.waitid} 0x0 0x0 0x2 0x{options:x} 0x2 0x0 0x7ffca6e234f8 0x7f336fc7abd3\n";

        Assert.Equal(waits, BlockedCall.Parse(System.Text.Encoding.ASCII.GetBytes(text)).WaitsForStops);
    }

    [Theory]
    [InlineData("running\n")]
    [InlineData("-1 0x7ffc 0x7f33\n")]
    [InlineData("")]
    [InlineData("61")]
    [InlineData("61 0x1 0x2")]
    [InlineData("61 1 2 2 2")]
    [InlineData("202 0x2 0x2 0x2 0x2 0x2 0x2 0x2 0x2\n")]
    public void Parse_OtherText_WaitsForNothing(string text) => Assert.False(BlockedCall.Parse(System.Text.Encoding.ASCII.GetBytes(text)).WaitsForStops);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Parse_Exec_IsRecognized(int call, bool executes)
    {
        int number = new[] { SyscallNumber.execve, SyscallNumber.execveat, SyscallNumber.waitid }[call];
        Assert.Equal(executes, BlockedCall.Parse(System.Text.Encoding.ASCII.GetBytes($"{number} 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n")).ExecutesProgram);
    }
}
