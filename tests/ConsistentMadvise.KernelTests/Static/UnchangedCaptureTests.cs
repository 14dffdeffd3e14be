namespace ConsistentMadvise.KernelTests;

/// <summary>A capture of an unchanged process is the last one.</summary>
public sealed class UnchangedCaptureTests
{
    [KernelFact(Needs.Bpf)]
    public void Capture_NothingChanged_ReadsNothing()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutSnapshot first = Capture(target);

        LayoutSnapshot second = Capture(target);

        Assert.Equal((1, 0), (first.Reads, second.Reads));
        Assert.True(second.IsStable);
        Assert.Equal(first.Token.Sequence, second.Token.Sequence);
        Assert.Empty(first.DiffTo(second));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Capture_MappedSince_ReadsAgain()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Capture(target);
        ulong address = process.Map(3);

        LayoutSnapshot layout = Capture(target);

        Assert.Equal(1, layout.Reads);
        Assert.True(layout.TryFind(address, out _));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Capture_ExecOfTheSameProgramSince_ReadsAgain()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutToken before = Capture(target).Token;
        process.Exec(randomized: false);
        LayoutSnapshot layout = Capture(target);

        Assert.NotEqual(0, layout.Reads);
        Assert.False(layout.Token.Matches(before));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Capture_ChurningTarget_IsAtomicOrSaysThatItIsNot()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        process.StartChurn(2000, seed: 3);
        int atomic = 0;
        for (int i = 0; i < 300; i++)
        {
            LayoutSnapshot layout = Capture(target);
            Assert.Equal(layout.IsStable, layout.Token.Sequence is not null);
            atomic += layout.IsStable ? 1 : 0;
            ulong end = 0;
            foreach (Vma vma in layout)
            {
                Assert.True(!layout.IsStable || vma.Start >= end, $"an atomic layout overlaps itself at {vma}");
                end = vma.End;
            }
        }

        process.StopChurn();
        Assert.True(atomic > 0, "the target never stood still during a read");
        process.AssertRuns();
    }

    private static LayoutSnapshot Capture(ProcessTarget target) => target.CaptureLayoutAsync().AsTask().GetAwaiter().GetResult();
}
