namespace ConsistentMadvise.Tests;

/// <summary>Which freezer <see cref="FreezerKind.Auto"/> tries first.</summary>
public sealed class FreezerChoiceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Make_FewThreads_TriesPtraceFirstAndSignalsLast(int threads)
    {
        FreezerChoice choice = FreezerChoice.Make(new FreezeCosts(), threads, isChild: false, untraceable: string.Empty);

        Assert.Equal([FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal], choice.Order);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(5_000)]
    public void Make_ManyThreads_TriesTheCgroupBeforePtrace(int threads)
    {
        FreezerChoice choice = FreezerChoice.Make(new FreezeCosts(), threads, isChild: false, untraceable: string.Empty);

        Assert.Equal([FreezerKind.Cgroup, FreezerKind.Ptrace, FreezerKind.Signal], choice.Order);
        Assert.StartsWith("cgroup: about ", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_PtraceWasMeasuredCheap_StaysWithPtrace()
    {
        FreezeCosts costs = new();
        MeasureOften(costs, FreezerKind.Ptrace, threads: 64, microseconds: 420);

        // 370 us by cgroup: neither half as much again nor 100 us more.
        Assert.Equal(FreezerKind.Ptrace, FreezerChoice.Make(costs, 64, isChild: false, untraceable: string.Empty).Order[0]);
        Assert.Equal(FreezerKind.Cgroup, FreezerChoice.Make(costs, 512, isChild: false, untraceable: string.Empty).Order[0]);
    }

    [Fact]
    public void Make_CheaperByAFactorButByLittle_StaysWithPtrace()
    {
        FreezeCosts costs = new();
        MeasureOften(costs, FreezerKind.Cgroup, threads: 1, microseconds: 10);
        MeasureOften(costs, FreezerKind.Ptrace, threads: 1, microseconds: 90);

        Assert.Equal(FreezerKind.Ptrace, FreezerChoice.Make(costs, 1, isChild: false, untraceable: string.Empty).Order[0]);
    }

    [Fact]
    public void Make_MayNotBeTraced_IsCgroupOrElseSignal()
    {
        FreezerChoice choice = FreezerChoice.Make(new FreezeCosts(), threads: 1, isChild: false, untraceable: "the caller may not trace it: EPERM");

        Assert.Equal([FreezerKind.Cgroup, FreezerKind.Signal], choice.Order);
        Assert.Equal("cgroup: the caller may not trace it: EPERM", choice.Reason);
    }

    [Fact]
    public void Make_ChildOfTheCaller_IsNeverPtrace()
    {
        FreezeCosts costs = new();
        FreezerChoice before = FreezerChoice.Make(costs, 64, isChild: true, untraceable: string.Empty);
        MeasureOften(costs, FreezerKind.Cgroup, threads: 64, microseconds: 5_000);
        FreezerChoice after = FreezerChoice.Make(costs, 64, isChild: true, untraceable: string.Empty);

        Assert.Equal([FreezerKind.Cgroup, FreezerKind.Signal], before.Order);
        Assert.Equal([FreezerKind.Signal, FreezerKind.Cgroup], after.Order);
    }

    [Fact]
    public void Costs_OneSurprise_MovesTheMeanALittle()
    {
        FreezeCosts costs = new();
        TimeSpan before = costs.Of(FreezerKind.Ptrace, 64);

        costs.Add(FreezerKind.Ptrace, 64, TimeSpan.FromSeconds(10));

        Assert.InRange(costs.Of(FreezerKind.Ptrace, 64), before, before * 1.5);
        Assert.Equal(new FreezeCosts().Of(FreezerKind.Ptrace, 512), costs.Of(FreezerKind.Ptrace, 512));
    }

    private static void MeasureOften(FreezeCosts costs, FreezerKind freezer, int threads, double microseconds)
    {
        for (int i = 0; i < 200; i++)
        {
            costs.Add(freezer, threads, TimeSpan.FromMicroseconds(microseconds));
        }
    }
}
