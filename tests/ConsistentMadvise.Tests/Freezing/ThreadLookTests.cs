using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class ThreadLookTests
{
    [Theory]
    [InlineData("T (stopped)", 0, true)]
    [InlineData("T (stopped)", 7, false)] // its tracer continues it
    [InlineData("t (tracing stop)", 7, false)]
    [InlineData("t (tracing stop)", 0, false)]
    [InlineData("S (sleeping)", 0, false)]
    [InlineData("D (disk sleep)", 0, false)]
    public void IsStopped_StateAndTracer_OnlyAGroupStopWithoutATracerHolds(string state, int tracer, bool isStopped)
    {
        Assert.Equal(Errno.None, Parse("x", state, tracer, out ThreadLook look));
        Assert.Equal((isStopped, tracer), (look.IsStopped, look.Tracer));
    }

    [Theory]
    [InlineData("TracerPid:\t0")]
    [InlineData("State:\tT")]
    [InlineData("\\nTracerPid:\t0")] // the kernel escapes a newline in a name
    public void Parse_NameLikeAField_IsReadPast(string name)
    {
        Assert.Equal(Errno.None, Parse(name, "S (sleeping)", 4711, out ThreadLook look));
        Assert.Equal(new ThreadLook('S', 4711), look);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Name:\tx\nState:\tS")]
    [InlineData("Name:\tx\nTracerPid:\t0\n")]
    [InlineData("Name:\tx\nState:\tS\nTracerPid:\t")]
    public void Parse_TextThatLacksALine_IsAnError(string text) => Assert.NotEqual(Errno.None, ThreadLook.Parse(Encoding.ASCII.GetBytes(text), out _));

    private static Errno Parse(string name, string state, int tracer, out ThreadLook look) => ThreadLook.Parse(
        Encoding.ASCII.GetBytes($"Name:\t{name}\nUmask:\t0022\nState:\t{state}\nTgid:\t1\nNgid:\t0\nPid:\t1\nPPid:\t1\nTracerPid:\t{tracer}\nUid:\t0\n"), out look);
}
