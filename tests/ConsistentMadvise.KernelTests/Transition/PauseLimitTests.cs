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
        List<double> guard = [];
        foreach (TransactionPhase phase in Held)
        {
            for (int i = 0; i < Effort.Times(1); i++)
            {
                using CrashCaller caller = CrashCaller.StartPrepared(phase, target.Process.Pid, freezer, Limit, what);
                WatchSlot? slot = freezer == FreezerKind.Ptrace ? null : Slot(caller);
                long due = slot?.Deadline ?? Stopwatch.GetTimestamp();
                target.Process.Post("ping"); // which a held target answers only when it runs again
                using CallerInTrouble trouble = new(caller, what);
                target.Process.Accept("ping");
                late.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                if (slot is { ThawedAt: not 0 and long thawed })
                {
                    guard.Add(Stopwatch.GetElapsedTime(due, thawed).TotalMilliseconds);
                }

                trouble.Dispose();
                target.Process.AssertRuns();
                Assert.False(caller.Journal.Length != 0 && Directory.Exists(caller.Journal));
            }
        }

        string since = freezer == FreezerKind.Ptrace ? "the event" : "the limit";
        output.WriteLine($"{freezer}, {what}: the target answered after {since}: {Spread(late)}; the guard thawed: {Spread(guard)}");
    }

    private static string Spread(List<double> times)
    {
        times.Sort();
        return times.Count == 0
            ? "never"
            : FormattableString.Invariant($"{times.Count} times, p50 {times[times.Count / 2]:F1} ms, p99 {times[times.Count * 99 / 100]:F1} ms, max {times[^1]:F1} ms");
    }

    /// <summary>What the caller shares with its guard: until when it may hold its target, and when the guard thawed it.</summary>
    private static WatchSlot Slot(CrashCaller caller)
    {
        Assert.Equal(Errno.None, Kernel.Open(Encoding.UTF8.GetBytes($"{caller.Journal}/{WatchPage.FileName}\0"), Uapi.O_RDWR, out SafeDescriptor opened));
        using SafeDescriptor file = opened;
        Assert.Equal(Errno.None, WatchPage.Map(file, out WatchPage? page));
        return page!.At(0);
    }
}
