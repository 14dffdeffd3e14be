using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>Runs schedules against a target, which it restarts after a failed one.</summary>
internal sealed class ScheduleRun(OmittedStep omitted = OmittedStep.None, HintConsistency consistency = HintConsistency.Frozen) : IDisposable
{
    private readonly Dictionary<HintStatus, int> _counts = [];
    private Scene? _scene;

    /// <summary>How the transactions ended.</summary>
    public IReadOnlyDictionary<HintStatus, int> Counts => _counts;

    /// <summary>Runs one; false when memory was hinted that was not planned, and that was not reported.</summary>
    public bool Holds(Schedule schedule)
    {
        if (_scene is null)
        {
            _scene = new Scene();
            _scene.Process.OpenRing();
        }

        Scene scene = _scene;
        _scene = null; // unless all goes well
        bool holds = Holds(schedule, scene);
        scene.Process.AssertRuns();
        scene.End();
        _scene = scene;
        return holds;
    }

    public void Dispose() => _scene?.Dispose();

    private bool Holds(Schedule schedule, Scene scene)
    {
        using ProcessTarget target = ProcessTarget.Open(scene.Process.Pid);
        HintPlan plan = scene.Begin(target, withSequence: true);
        Injector injector = new(schedule, scene);
        HintOptions options = new() { Consistency = consistency, Match = schedule.Match, Freezer = schedule.Freezer, FreezeTimeout = Eventually.Patience };
        HintOutcome outcome = TargetTransactions.Run(target, plan, options, new OmittingProbe(omitted, injector), CancellationToken.None);
        bool hasChangedPlanned = injector.AcceptAll();
        _counts[outcome.Status] = _counts.GetValueOrDefault(outcome.Status) + 1;
        bool isMisHint = hasChangedPlanned && scene.IsPlannedPlacePresent() == false;
        return !isMisHint || (outcome.Status == HintStatus.Raced && (consistency == HintConsistency.Optimistic || omitted != OmittedStep.None));
    }

    /// <summary>Sends the target its command at each phase, once, and waits as long as the schedule says.</summary>
    private sealed class Injector(Schedule schedule, Scene scene) : ITransactionProbe
    {
        private readonly List<(Mutation Mutation, string Command)> _posted = [];
        private readonly HashSet<InjectedStep> _done = [];

        public void At(TransactionPhase phase)
        {
            foreach (InjectedStep step in schedule.Steps.Where(step => step.Phase == phase && _done.Add(step)))
            {
                foreach (Func<Scene, string> command in step.Mutation.Commands)
                {
                    _posted.Add((step.Mutation, command(scene)));
                    scene.Process.Post(_posted[^1].Command);
                }

                long begin = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(begin).TotalMicroseconds < step.DelayMicroseconds)
                {
                    Thread.SpinWait(10);
                }
            }
        }

        /// <summary>
        /// Waits for all commands that were sent; returns whether the planned memory is other memory now, as far as the match can see: a protection that was changed and changed back
        /// is one for the sequence alone. What an earlier mutation took away, a later one cannot change.
        /// </summary>
        public bool AcceptAll()
        {
            bool isReplaced = false, isProtected = false;
            foreach ((Mutation mutation, string command) in _posted)
            {
                bool isDone = scene.Process.TryAccept(command);
                isReplaced |= isDone && mutation is { ChangesPlanned: true, IsProtection: false };
                isProtected |= isDone && mutation.IsProtection;
                isProtected &= !isDone || !mutation.RestoresProtection || schedule.Match == LayoutMatch.Sequence;
            }

            return isReplaced || isProtected;
        }
    }
}
