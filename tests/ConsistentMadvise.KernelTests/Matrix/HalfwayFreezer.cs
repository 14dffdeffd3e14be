using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A freezer in the middle of whose first freeze something happens to the target.</summary>
internal sealed class HalfwayFreezer(IFreezer inner, HalfwayTarget target, HalfwayEvent what, List<TransactionStop> results) : ITracingFreezer
{
    public FreezerKind Kind => inner.Kind;

    public bool MustEndThread => inner is ITracingFreezer { MustEndThread: true };

    public bool IsPastLimit => inner.IsPastLimit;

    public bool HasFired => inner.HasFired;

    public void WarmUp() => inner.WarmUp();

    /// <remarks>How long an exec takes on a busy machine is not asked for: only so many freezes in a row may find it under way.</remarks>
    public bool TryReserve(long deadline, out TransactionStop refusal)
    {
        if (results.Count != 0 && what == HalfwayEvent.Exec)
        {
            target.AwaitExec();
        }

        return inner.TryReserve(deadline, out refusal);
    }

    public TransactionStop Survey() => inner.Survey();

    /// <remarks>The call is entered after the survey, which would refuse the freeze.</remarks>
    public TransactionStop Freeze(long deadline)
    {
        if (results.Count != 0)
        {
            results.Add(inner.Freeze(deadline));
            return results[^1];
        }

        target.Enter(what);
        Task another = Task.Factory.StartNew(
            () =>
            {
                target.AwaitMiddle(Kind);
                target.Act(what);
            },
            TaskCreationOptions.LongRunning);
        results.Add(inner.Freeze(deadline));
        another.GetAwaiter().GetResult();
        return results[^1];
    }

    public Errno IsHeld(out bool isHeld) => inner.IsHeld(out isHeld);

    public void Renew() => inner.Renew();

    public void Thaw() => inner.Thaw();

    public bool GivesUp(out int held)
    {
        held = 0;
        return inner is ITracingFreezer tracing && tracing.GivesUp(out held);
    }

    public void ConfirmRelease() => (inner as ITracingFreezer)?.ConfirmRelease();

    public void Dispose() => inner.Dispose();
}
