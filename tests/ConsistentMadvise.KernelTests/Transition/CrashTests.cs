using System.Diagnostics;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>The kill matrix: the caller is killed at each phase, under each freezer, with few and many threads; no target is left frozen.</summary>
/// <remarks>Once for each cell and up to 64 threads; <c>CM_EFFORT=50</c> does each 50 times, up to 512 threads. Prints how long the held ones waited.</remarks>
[Collection(RecoveryAlone.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly FreezerKind[] Freezers = [FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal];

    private static readonly TransactionPhase[] Held = [TransactionPhase.Frozen, TransactionPhase.Rechecked, TransactionPhase.Advised];

    public static TheoryData<FreezerKind, int> Cells() => Combine(Freezers);

    public static TheoryData<FreezerKind, int> GuardedCells() => Combine(Freezers[1..]);

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(Cells))]
    public void Caller_KilledAtEachPhase_TheTargetRuns(FreezerKind freezer, int threads)
    {
        using PlannedTarget target = Start(threads);
        List<TimeSpan> waits = [];
        foreach (TransactionPhase phase in Enum.GetValues<TransactionPhase>())
        {
            for (int i = 0; i < Effort.Times(1); i++)
            {
                using CrashCaller caller = CrashCaller.StartAt(phase, target.Process.Pid, freezer);
                target.Process.Post("ping"); // which a held target answers only when it runs again
                long killed = Stopwatch.GetTimestamp();
                caller.Kill();
                target.Process.Accept("ping");
                if (Held.Contains(phase))
                {
                    waits.Add(Stopwatch.GetElapsedTime(killed));
                }

                caller.Dispose(); // waits for its end and its guard's
                target.Process.AssertRuns();
                Assert.False(Directory.Exists(caller.Journal));
            }
        }

        Report($"{freezer}, {threads} threads: runs again after the kill", waits);
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(GuardedCells))]
    public async Task Guard_KilledAndThenTheCaller_ARecoveryThawsTheTarget(FreezerKind freezer, int threads)
    {
        using PlannedTarget target = Start(threads);
        List<TimeSpan> waits = [];
        foreach (TransactionPhase phase in Held)
        {
            for (int i = 0; i < Effort.Times(1); i++)
            {
                using CrashCaller caller = CrashCaller.StartAt(phase, target.Process.Pid, freezer);
                caller.KillGuard();
                caller.Kill();
                caller.WaitForExit();
                Assert.True(freezer == FreezerKind.Cgroup ? target.Cgroup.IsFrozen : ThreadStatus.ReadAll(target.Process.Pid).All(static thread => thread.IsStopped));

                long begin = Stopwatch.GetTimestamp();
                IReadOnlyList<RecoveredFreeze> recovered = await FreezeRecovery.RecoverAsync();
                waits.Add(Stopwatch.GetElapsedTime(begin));

                Assert.Equal(RecoveryStatus.Thawed, Assert.Single(recovered, freeze => freeze.Process.Pid == target.Process.Pid).Status);
                target.Process.AssertRuns();
            }
        }

        Report($"{freezer}, {threads} threads: recovery", waits);
    }

    private static PlannedTarget Start(int threads)
    {
        PlannedTarget target = new PlannedTarget().InCgroup();
        if (threads > 1)
        {
            target.Process.StartThreads(threads - 1);
        }

        return target;
    }

    private static TheoryData<FreezerKind, int> Combine(FreezerKind[] freezers)
    {
        TheoryData<FreezerKind, int> cells = [];
        int[] threads = Effort.Times(1) > 1 ? [1, 8, 64, 512] : [1, 64];
        foreach (FreezerKind freezer in freezers)
        {
            foreach (int count in threads)
            {
                cells.Add(freezer, count);
            }
        }

        return cells;
    }

    private void Report(string what, List<TimeSpan> waits)
    {
        waits.Sort();
        output.WriteLine(FormattableString.Invariant(
            $"{what}: {waits.Count} times, p50 {waits[waits.Count / 2].TotalMilliseconds:F2} ms, max {waits[^1].TotalMilliseconds:F2} ms"));
    }
}
