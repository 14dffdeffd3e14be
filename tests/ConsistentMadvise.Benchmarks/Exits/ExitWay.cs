namespace ConsistentMadvise.Benchmarks;

/// <summary>What is done to a target meanwhile: transactions by one freezer; or captures of its layout alone, or nothing, as controls.</summary>
internal sealed class ExitWay(FreezerKind? freezer, TimeSpan timeout, bool isLooking)
{
    private readonly Samples _delays = new();
    private readonly SortedDictionary<string, int> _outcomes = [];

    /// <summary>Has the event meet that.</summary>
    public void Meet(int pid, Func<TimeSpan> act)
    {
        using CancellationTokenSource end = new();
        Thread thread = new(() => Disturb(pid, end.Token));
        thread.Start();
        _delays.Add(act());
        end.Cancel();
        thread.Join();
    }

    public override string ToString()
    {
        string name = freezer is { } kind ? $"{kind}" : isLooking ? "capture" : "none";
        string limit = freezer is null ? "" : timeout == Timeout.InfiniteTimeSpan ? "none" : $"{timeout.TotalMilliseconds:N0} ms";
        return $"{name,-8} {limit,-7} | {_delays.Count,5} | {_delays.Median / 1000,7:N1} {_delays.At(0.99) / 1000,7:N1} {_delays.At(1) / 1000,7:N1} | "
            + string.Join(", ", _outcomes.Select(static one => $"{one.Key} {one.Value}"));
    }

    private void Disturb(int pid, CancellationToken end)
    {
        while (isLooking && !end.IsCancellationRequested && ProcessTarget.TryOpen(pid, out ProcessTarget? opened, out _, out _))
        {
            using ProcessTarget target = opened;
            string? said = Look(target);
            if (said is not null)
            {
                _outcomes[said] = _outcomes.GetValueOrDefault(said) + 1;
            }
        }
    }

    private string? Look(ProcessTarget target)
    {
        try
        {
            HintPlan plan = HintPlan.Create(target.CaptureLayoutAsync().AsTask().GetAwaiter().GetResult(), Advice.Cold, VmaFilter.Default);
            if (freezer is not { } kind)
            {
                return null;
            }

            HintOptions options = new() { Freezer = kind, FreezeTimeout = timeout, MaxPause = Timeout.InfiniteTimeSpan };
            HintOutcome outcome = TargetTransactions.Run(target, plan, options, null, CancellationToken.None);
            return outcome.Reason == HintReason.None ? $"{outcome.Status}" : $"{outcome.Status}:{outcome.Reason}";
        }
        catch (TargetException failure)
        {
            return failure.GetType().Name;
        }
    }
}
