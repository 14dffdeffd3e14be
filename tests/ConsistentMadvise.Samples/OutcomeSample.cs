namespace ConsistentMadvise.Samples;

/// <summary>What a scheduler does with each outcome.</summary>
internal sealed class OutcomeSample(OutcomeSample.IMetrics metrics, OutcomeSample.IQueue queue, OutcomeSample.ILog log, OutcomeSample.IPager pager)
{
    public interface IMetrics
    {
        void Add(ulong bytes, TimeSpan pause);
    }

    public interface IQueue
    {
        void Replan(int pid, IReadOnlyList<LayoutChange> changes);

        void Later(int pid);
    }

    public interface ILog
    {
        void Refused(int pid, HintReason reason, string? message);

        void Raced(int pid, HintReason reason, string? message);

        void Unknown(int pid, HintStatus status);
    }

    public interface IPager
    {
        void Alert(int pid, string message);
    }

    public void Apply(ProcessTarget target, HintPlan plan)
    {
        int pid = target.Pid;

        // <outcomes>
        try
        {
            HintOutcome outcome = target.Apply(plan);
            switch (outcome.Status)
            {
                case HintStatus.Applied or HintStatus.PartlyApplied: metrics.Add(outcome.BytesAdvised, outcome.LongestPause); break;
                case HintStatus.Stale: queue.Replan(pid, outcome.Changes); break;                         // what moved
                case HintStatus.FreezeTimedOut: queue.Later(pid); break;                                  // the target runs again
                case HintStatus.TargetExited: break;
                case HintStatus.Refused: log.Refused(pid, outcome.Reason, outcome.Message); break;
                case HintStatus.Raced: log.Raced(pid, outcome.Reason, outcome.Message); break;            // some hints may have landed on other memory
                default: log.Unknown(pid, outcome.Status); break;                                         // no transaction, or a status of a later version
            }
        }
        catch (TargetMayBeFrozenException failure)
        {
            pager.Alert(failure.Pid, failure.Message);    // never a status: the target may be stopped; the message says how to thaw it
        }
        // </outcomes>
    }
}
