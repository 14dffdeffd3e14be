namespace ConsistentMadvise.KernelTests;

public sealed class UnrestTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void Unrest_SameSeed_DoesTheSameInAnotherTarget()
    {
        using RaceTargetProcess other = RaceTargetProcess.Start();

        (ulong arena, int pages) = _target.UnrestOnce(operations: 1_000, seed: 5);
        Assert.Equal((arena, pages), other.UnrestOnce(operations: 1_000, seed: 5));

        Assert.True(Inside(_target, arena, pages).Length > 50);
        Assert.Equal(Inside(_target, arena, pages), Inside(other, arena, pages));
        (long operations, string order) = _target.StopUnrest();
        Assert.Equal(1_000, operations);
        Assert.Equal((1_000, order), other.StopUnrest());
        _target.AssertRuns();
        other.AssertRuns();
    }

    [Fact]
    public void Unrest_OtherSeedOrCount_HasAnotherOrder()
    {
        HashSet<string> orders = [];
        foreach ((int operations, int seed) in ((int, int)[])[(200, 1), (200, 2), (200, 3), (201, 1)])
        {
            _target.UnrestOnce(operations, seed);
            orders.Add(_target.StopUnrest().Order);
        }

        Assert.Equal(4, orders.Count);
        _target.UnrestOnce(200, 1);
        Assert.Contains(_target.StopUnrest().Order, orders);
        _target.AssertRuns();
    }

    /// <remarks>Threads and libc's allocator take and give back some of their own: a line more or less. What unrest itself has mapped is gone.</remarks>
    [Fact]
    public void Unrest_Stopped_LeavesNothing()
    {
        _target.UnrestOnce(operations: 500, seed: 1);
        _target.StopUnrest();
        IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);
        string name = File.ReadAllText($"/proc/{_target.Pid}/comm");
        int threads = ThreadStatus.ReadAll(_target.Pid).Count;

        (ulong arena, int pages) = _target.UnrestOnce(operations: 3_000, seed: 7);
        Assert.InRange(Inside(_target, arena, pages).Length, 50, 1_100); // 64 cells of 16 pages, and a stack
        Assert.Equal(3_000, _target.StopUnrest().Operations);

        IReadOnlyList<MapsEntry> after = MapsEntry.ReadAll(_target.Pid);
        Assert.Empty(Inside(_target, arena, pages));
        Assert.InRange(after.Count, before.Count - 4, before.Count + 4);
        Assert.InRange(Bytes(after), Bytes(before) - (4 << 20), Bytes(before) + (4 << 20));
        Assert.Equal(name, File.ReadAllText($"/proc/{_target.Pid}/comm"));
        Assert.Equal(threads, ThreadStatus.ReadAll(_target.Pid).Count);
        Assert.Equal(string.Empty, File.ReadAllText($"/proc/{_target.Pid}/task/{_target.Pid}/children"));
        _target.AssertRuns();
    }

    [Fact]
    public void Unrest_UntilStopped_GoesOn()
    {
        (ulong arena, int pages) = _target.StartUnrest(operationsPerSecond: 0, seed: 11);
        Assert.Throws<RaceTargetException>(() => _target.StartUnrest(operationsPerSecond: 0, seed: 11));
        for (int change = 0; change < 5; change++)
        {
            MapsEntry[] inside = Inside(_target, arena, pages);
            Eventually.Holds(() => !Inside(_target, arena, pages).SequenceEqual(inside), "the arena changes");
        }

        Assert.True(_target.StopUnrest().Operations > 5);
        Assert.Empty(Inside(_target, arena, pages));
        _target.AssertRuns();
    }

    /// <remarks>Unrest leaves the planned memory alone, and whatever goes on around it stands still in the window.</remarks>
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_TargetInUnrest_IsHeldOrLeftAlone(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintPlan plan = target.PlanWithoutSequence();
        target.Process.StartUnrest(operationsPerSecond: 0, seed: 3);
        int applied = 0;
        Eventually.Holds(
            () =>
            {
                string before = string.Empty, after = string.Empty;
                PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => before = MapsEntry.ReadText(target.Process.Pid))
                    .Then(TransactionPhase.Advised, () => after = MapsEntry.ReadText(target.Process.Pid));

                HintOutcome outcome = target.Apply(plan, new HintOptions { Freezer = freezer, Match = LayoutMatch.Ranges }, probe);

                // Unrest forks, which locks every VMA of the parent: the plan is stale then, and is compared by its lines the next time.
                Assert.True(
                    outcome.Status is HintStatus.Applied or HintStatus.Stale || outcome.Reason is HintReason.AddressSpaceShared or HintReason.CgroupNotUsable or HintReason.ThreadsDidNotStop,
                    $"{outcome.Status}: {outcome.Reason} after {outcome.Windows} windows");
                Assert.Equal(before, after);
                applied += outcome.Status == HintStatus.Applied ? 1 : 0;
                return applied == 3;
            },
            "the plan is applied three times");
        target.Process.StopUnrest();
        target.Process.AssertRuns();
    }

    private static MapsEntry[] Inside(RaceTargetProcess target, ulong arena, int pages) =>
        [.. MapsEntry.ReadAll(target.Pid).Where(entry => entry.Start >= arena && entry.End <= arena + ((ulong)pages * Page))];

    private static long Bytes(IReadOnlyList<MapsEntry> entries) => entries.Where(static entry => entry.Path != "[vsyscall]").Sum(static entry => (long)(entry.End - entry.Start));
}
