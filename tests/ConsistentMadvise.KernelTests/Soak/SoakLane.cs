using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Runs transactions of one setting after the other against targets with canaries, and counts.</summary>
internal sealed class SoakLane(int seed, TimeSpan pause, bool hasSwap, bool isPressed = false)
{
    private const int TransactionsPerRound = 500;
    private const int AttributedPerRound = 50;

    private readonly Dictionary<SoakSetting, SoakCounts> _counts = [];
    private readonly Random _random = new(seed);
    private readonly List<string> _records = [];
    private long _attempts;

    public IReadOnlyDictionary<SoakSetting, SoakCounts> Counts => _counts;

    /// <summary>How many transactions there were so far.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    /// <summary>The mis-hints, in words.</summary>
    public IReadOnlyList<string> Records => _records;

    /// <summary>Starts a target, and runs a round of each setting against it.</summary>
    public void RunRounds(IReadOnlyList<SoakSetting> settings, CancellationToken done)
    {
        CanaryMemory memory = hasSwap && _random.Next(2) == 0 ? CanaryMemory.Anonymous : CanaryMemory.File;
        bool isSameLine = _random.Next(2) == 0;
        int order = _random.Next();
        using CanaryTarget target = new(memory, isSameLine, pause, order);
        foreach (SoakSetting setting in settings)
        {
            if (!isSameLine || setting.SeesSameLine)
            {
                RunRound(target, setting, setting.ReportsRaces ? AttributedPerRound : TransactionsPerRound, done);
            }
        }

        target.Stop();
        _records.AddRange(target.Records().Select(record => $"{memory} {(isSameLine ? "same line" : "other line")}, seed {order}: {record}"));
    }

    /// <summary>Runs a round of one setting.</summary>
    public void RunRound(CanaryTarget target, SoakSetting setting, int transactions, CancellationToken done)
    {
        if (!_counts.TryGetValue(setting, out SoakCounts? counts))
        {
            _counts.Add(setting, counts = new SoakCounts());
        }

        (long looked, long operations) = (target.Looked, target.Operations);
        long booked = target.MisHints;
        using DescriptorPressure? pressure = isPressed ? PressAfterWarmup(target, setting) : null;
        for (int i = 0; i < transactions && !done.IsCancellationRequested; i++)
        {
            if (TryPlan(target, counts) is not { } plan)
            {
                continue;
            }

            HintOutcome outcome = setting.Apply(target, plan);
            counts.Add(outcome);
            Volatile.Write(ref _attempts, _attempts + 1);
            if (setting.ReportsRaces && outcome.BytesAdvised != 0)
            {
                target.AwaitChanges(); // each canary that may have been hinted was looked at then
                counts.Book(target.MisHints - booked, isReported: outcome.HasRaced);
                booked = target.MisHints;
            }
        }

        target.AwaitChanges();
        counts.Book(target.MisHints - booked, isReported: false);
        counts.Looked += target.Looked - looked;
        counts.Operations += target.Operations - operations;
    }

    /// <summary>Takes the descriptors away once the runtime has loaded what it needs: to load an assembly takes one, and that it fails then is no fault of the library.</summary>
    private DescriptorPressure PressAfterWarmup(CanaryTarget target, SoakSetting setting)
    {
        const int Rounds = 20;
        SoakCounts forgotten = new();
        for (int i = 0; i < Rounds; i++)
        {
            if (TryPlan(target, forgotten) is { } plan)
            {
                forgotten.Add(setting.Apply(target, plan));
            }
        }

        OwnThread.Run(() =>
        {
            SeccompFilter.Deny([SyscallNumber.pidfd_open], Errno.EMFILE);
            Assert.Throws<TargetException>(() => ProcessTarget.Open(target.Process.Pid));
        });
        return new DescriptorPressure(_random.Next());
    }

    private static HintPlan? TryPlan(CanaryTarget target, SoakCounts counts)
    {
        try
        {
            return target.TryPlan();
        }
        catch (TargetException failure)
        {
            counts.Add(failure);
            return null;
        }
    }
}
