namespace ConsistentMadvise.KernelTests;

/// <summary>Whatever state a target is found in, and whatever froze it: after the transaction it is in that state again.</summary>
public sealed class RestoreTests
{
    private static readonly string[] States = ["Running", "Stopped", "StoppedWithManyThreads", "InAFrozenCgroup", "BelowAFrozenCgroup", "TracedByAnother"];

    public static TheoryData<string, FreezerKind> Matrix
    {
        get
        {
            TheoryData<string, FreezerKind> matrix = [];
            foreach (string state in States)
            {
                foreach (FreezerKind freezer in Enum.GetValues<FreezerKind>())
                {
                    matrix.Add(state, freezer);
                }
            }

            return matrix;
        }
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(Matrix))]
    public void Apply_TargetFoundInAState_LeavesItInThatState(string state, FreezerKind freezer)
    {
        using PlannedTarget target = new();
        using FoundState found = new(target, state);
        IReadOnlyList<ThreadStatus> before = Look(target);

        // The signal acts when the group is thawed, and not before: that freeze is bound to time out.
        bool isInVain = freezer == FreezerKind.Signal && (state is "InAFrozenCgroup" or "BelowAFrozenCgroup");
        HintOptions options = new() { Freezer = freezer, FreezeTimeout = isInVain ? TimeSpan.FromMilliseconds(50) : Eventually.Patience };
        HintOutcome outcome = target.Target.Apply(found.Plan, options);

        (HintStatus, HintReason) expected = state == "TracedByAnother" ? (HintStatus.Refused, HintReason.TracedByAnother)
            : isInVain ? (HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop)
            : (HintStatus.Applied, HintReason.None);
        Assert.Equal(expected, (outcome.Status, outcome.Reason));
        Eventually.Holds(() => Look(target).SequenceEqual(before), $"the threads are as they were: {string.Join("; ", before)}");
        Assert.True(found.StillHolds);
        found.Undo();
        target.Process.AssertRuns();
    }

    /// <summary>Every thread, its state reduced to whether it is stopped: a sleeping one may wake.</summary>
    private static List<ThreadStatus> Look(PlannedTarget target) =>
        [.. ThreadStatus.ReadAll(target.Process.Pid).Select(static thread => thread with { State = thread.IsStopped ? "T" : "S" }).OrderBy(static thread => thread.Tid)];
}
