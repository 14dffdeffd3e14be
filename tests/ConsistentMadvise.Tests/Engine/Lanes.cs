namespace ConsistentMadvise.Tests;

/// <summary>Schedulers, processes and transactions of the scheduler's tests.</summary>
internal static class Lanes
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static LaneScheduler Create(int threads) => new(threads, LaneScheduler.DefaultIdleTime);

    public static ProcessIdentity Process(int pid) => new(pid, 1, 1);

    public static HintOutcome Outcome(ulong bytes) => HintOutcome.Applied(new HintReport { BytesAdvised = bytes });

    public static HintOutcome Wait(ManualResetEventSlim gate) => gate.Wait(Patience) ? Outcome(0) : throw new TimeoutException();
}
