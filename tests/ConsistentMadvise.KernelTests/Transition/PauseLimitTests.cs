using System.Diagnostics;
using System.Text;
using ConsistentMadvise.Interop;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>Whatever happens to the caller in a window, its target runs again, and where a limit is promised, soon after it.</summary>
/// <remarks>Once for each cell; <c>CM_EFFORT=17</c> does each 17 times at three phases. Prints how long after the limit the target answered; judges no time.</remarks>
[Collection(RecoveryAlone.Name)]
public sealed class PauseLimitTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    private static readonly TransactionPhase[] Held = [TransactionPhase.Frozen, TransactionPhase.Rechecked, TransactionPhase.Advised];

    /// <summary>Those whose end lets a tracee go as well.</summary>
    private static readonly string[] Fatal = ["killed", CallerTrouble.Aborted, CallerTrouble.ForkedChild, CallerTrouble.CoreDump];

    private static readonly string[] Lasting =
    [
        "hung", "SIGSTOP", CallerTrouble.JobControl, "own cgroup frozen", CallerTrouble.Throttled, CallerTrouble.Collection, CallerTrouble.Descriptors,
    ];

    public static TheoryData<FreezerKind, string> Cells()
    {
        TheoryData<FreezerKind, string> cells = [];
        foreach (FreezerKind freezer in (FreezerKind[])[FreezerKind.Cgroup, FreezerKind.Signal])
        {
            Array.ForEach([.. Lasting, .. Fatal], what => cells.Add(freezer, what));
        }

        Array.ForEach(Fatal, what => cells.Add(FreezerKind.Ptrace, what));
        return cells;
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(Cells))]
    public void Caller_HeldUpAtEachPhase_TheTargetRuns(FreezerKind freezer, string what)
    {
        if (CallerInTrouble.WhatIsMissing(what) is { } missing)
        {
            output.WriteLine($"left out: {missing}");
            return;
        }

        using PlannedTarget target = new PlannedTarget().InCgroup();
        List<double> late = [];
        foreach (TransactionPhase phase in Held)
        {
            for (int i = 0; i < Effort.Times(1); i++)
            {
                using CrashCaller caller = CrashCaller.StartPrepared(phase, target.Process.Pid, freezer, Limit, what);
                long due = freezer == FreezerKind.Ptrace ? Stopwatch.GetTimestamp() : Deadline(caller);
                target.Process.Post("ping"); // which a held target answers only when it runs again
                using CallerInTrouble trouble = new(caller, what);
                target.Process.Accept("ping");
                late.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                trouble.Dispose();
                target.Process.AssertRuns();
                Assert.False(caller.Journal.Length != 0 && Directory.Exists(caller.Journal));
            }
        }

        late.Sort();
        string since = freezer == FreezerKind.Ptrace ? "the event" : "the limit";
        output.WriteLine(FormattableString.Invariant(
            $"{freezer}, {what}: {late.Count} times, after {since} p50 {late[late.Count / 2]:F1} ms, p99 {late[late.Count * 99 / 100]:F1} ms, max {late[^1]:F1} ms"));
    }

    /// <summary>Until when the caller may hold its target, as its guard knows.</summary>
    private static long Deadline(CrashCaller caller)
    {
        Assert.Equal(Errno.None, Kernel.Open(Encoding.UTF8.GetBytes($"{caller.Journal}/{WatchPage.FileName}\0"), Uapi.O_RDWR, out SafeDescriptor opened));
        using SafeDescriptor file = opened;
        Assert.Equal(Errno.None, WatchPage.Map(file, out WatchPage? page));
        return page!.At(0).Deadline;
    }
}
