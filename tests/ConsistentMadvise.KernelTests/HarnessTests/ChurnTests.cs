using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

public sealed class ChurnTests : IDisposable
{
    private const int Page = 4096;

    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void Churn_UntilStopped_ChangesItsArenaAndNothingElse(int operationsPerSecond)
    {
        // Once before, since its thread needs a signal stack, whose place is then free.
        _target.StartChurn(operationsPerSecond, seed: 1);
        _target.StopChurn();

        (ulong arena, int pages) = _target.StartChurn(operationsPerSecond, seed: 7);
        Eventually.Holds(() => Inside(_target, arena, pages).Length > 10, "the arena fills");
        MapsEntry[] outside = Outside(arena, pages);
        string[] inside = [.. Inside(_target, arena, pages).Select(static entry => entry.ToString())];
        Eventually.Holds(() => !Inside(_target, arena, pages).Select(static entry => entry.ToString()).SequenceEqual(inside), "the arena changes");
        Assert.Equal(outside, Outside(arena, pages));
        (long operations, long damaged) = _target.StopChurn();

        Assert.True(operations > 10);
        Assert.Equal(0, damaged);
        Assert.Empty(Inside(_target, arena, pages));
        _target.AssertRuns();
    }

    [Fact]
    public void Churn_SameSeed_MakesTheSameArenaInAnotherTarget()
    {
        using RaceTargetProcess other = RaceTargetProcess.Start();

        (ulong arena, int pages) = _target.ChurnOnce(operations: 300, seed: 5);
        Assert.Equal((arena, pages), other.ChurnOnce(operations: 300, seed: 5));

        Assert.True(Inside(_target, arena, pages).Length > 10);
        Assert.Equal(Inside(_target, arena, pages), Inside(other, arena, pages));
        Assert.Equal((300, 0), _target.StopChurn());
        (ulong next, _) = _target.ChurnOnce(operations: 300, seed: 6);
        Assert.NotEqual(
            Inside(other, arena, pages).Select(entry => entry.Start - arena),
            Inside(_target, next, pages).Select(entry => entry.Start - next));
        _target.AssertRuns();
    }

    [Fact]
    public void Churn_ContentsChangedFromOutside_AreReported()
    {
        (ulong arena, int pages) = _target.ChurnOnce(operations: 50, seed: 3);
        MapsEntry changed = Inside(_target, arena, pages)[0];

        using (FileStream memory = new($"/proc/{_target.Pid}/mem", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            RandomAccess.Write(memory.SafeFileHandle, new byte[8], (long)changed.Start);
        }

        Assert.Equal((50, 1), _target.StopChurn());
        _target.AssertRuns();
    }

    private static MapsEntry[] Inside(RaceTargetProcess target, ulong arena, int pages) =>
        [.. MapsEntry.ReadAll(target.Pid).Where(entry => entry.Start >= arena && entry.End <= arena + (ulong)(pages * Page))];

    /// <remarks>While the target stands still: a read of maps comes in pieces, and what moves between two may hide a line that is there all the time.</remarks>
    private MapsEntry[] Outside(ulong arena, int pages)
    {
        _target.Signal(Uapi.SIGSTOP);
        _target.WaitUntilStopped();
        MapsEntry[] outside = [.. MapsEntry.ReadAll(_target.Pid).Where(entry => entry.End <= arena || entry.Start >= arena + (ulong)(pages * Page))];
        _target.Signal(Uapi.SIGCONT);
        return outside;
    }
}
