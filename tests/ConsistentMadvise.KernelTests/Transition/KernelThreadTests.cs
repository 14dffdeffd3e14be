using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>What the kernel does in the target's place is held with it: workers of io_uring(7), and handlers of signals.</summary>
public sealed class KernelThreadTests
{
    private const int ECANCELED = 125;
    private const int SIGUSR1 = 10;
    private const int Pages = 8192;   // a hint of that many takes a worker a good while

    /// <remarks>
    /// Windows are tried until one falls into the middle of the worker's operations, which shows by its going on when the target was thawed, or by
    /// the rest being cancelled: that is what the freeze of a cgroup does.
    /// </remarks>
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.IoUring)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_WorkerOfARingIsBusy_IsHeldAsAThreadOfTheTarget(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        ulong address = target.Process.MapTouched(Pages);
        target.Process.OpenRing();
        Assert.Equal(0, target.Process.AdviseByRing(address, 1, Interop.Uapi.MADV_COLD));

        Eventually.Holds(
            () =>
            {
                Dictionary<int, long> before = [], after = [];
                PhaseActions probe = PhaseActions
                    .At(TransactionPhase.Freezing, () => target.Process.PostToRing(address, Pages, Interop.Uapi.MADV_COLD, RaceTargetProcess.MostPosted))
                    .Then(TransactionPhase.Frozen, () =>
                    {
                        OffProcessor.Await(target.Process.Pid);
                        before = WorkerTimes(target);
                    })
                    .Then(TransactionPhase.Advised, () => after = WorkerTimes(target));

                HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer }, probe);
                (int count, int result) = target.Process.ReapRing();

                Assert.Equal((HintStatus.Applied, freezer), (outcome.Status, outcome.Freezer));
                Assert.NotEmpty(before);
                Assert.Equal(before, after); // no worker ran between the two looks
                Assert.Equal(RaceTargetProcess.MostPosted, count);
                Assert.Contains(result, new[] { 0, -ECANCELED });
                Dictionary<int, long> last = WorkerTimes(target);
                return result == -ECANCELED || after.Any(worker => last.TryGetValue(worker.Key, out long time) && time > worker.Value + 1_000_000);
            },
            "a window fell into the middle of the operations");
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.X64)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_SignalInTheWindow_IsHandledOnlyAfterTheThaw(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.MapOnSignal(1);
        string before = MapsEntry.ReadText(target.Process.Pid), after = string.Empty;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, () => target.Process.Signal(SIGUSR1))
            .Then(TransactionPhase.Advised, () => after = MapsEntry.ReadText(target.Process.Pid));

        // One window: after the first thaw the handler changes the layout, and a second would be stale.
        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, MaxPause = Eventually.Patience }, probe);

        Assert.Equal((HintStatus.Applied, HintReason.None, freezer), (outcome.Status, outcome.Reason, outcome.Freezer));
        Assert.Equal(before, after);
        Eventually.Holds(() => target.Process.CountMappedOnSignal() == (1, 0), "the handler has run");
        Assert.NotEqual(before, MapsEntry.ReadText(target.Process.Pid));
        target.Process.AssertRuns();
    }

    /// <summary>Nanoseconds that each worker of a ring was on a processor (<c>schedstat</c>).</summary>
    private static Dictionary<int, long> WorkerTimes(PlannedTarget target)
    {
        int pid = target.Process.Pid;
        Dictionary<int, long> times = [];
        foreach (int tid in ThreadFiles.List(pid))
        {
            if (ThreadFiles.TryRead(pid, tid, "comm", out string name) && name.StartsWith("iou-wrk-", StringComparison.Ordinal)
                && ThreadFiles.TryRead(pid, tid, "schedstat", out string statistics))
            {
                times.Add(tid, long.Parse(statistics.Split(' ')[0], CultureInfo.InvariantCulture));
            }
        }

        return times;
    }
}
