namespace ConsistentMadvise.KernelTests;

/// <summary>What came of many transactions of one setting.</summary>
internal sealed class SoakCounts
{
    private readonly long[] _byStatus = new long[Enum.GetValues<HintStatus>().Length];

    public long Attempts { get; private set; }

    /// <summary>Stale plans that the look before the freeze took for good: what the recheck under the freeze is for.</summary>
    public long StaleUnderTheFreeze { get; private set; }

    /// <summary>Transactions that said of the target, which lived all along, that it had exited, or only its thread-group leader lives no more.</summary>
    public long CalledGone { get; private set; }

    /// <summary>Transactions that could not look at the target, and captures before them.</summary>
    public long CouldNotLook { get; private set; }

    /// <summary>Canary pages that were hinted, but for those that were reported.</summary>
    public long MisHints { get; private set; }

    /// <summary>Canary pages that were hinted by transactions that reported a race.</summary>
    public long Reported { get; private set; }

    /// <summary>Canary pages that were looked at.</summary>
    public long Looked { get; set; }

    /// <summary>Layout changes of the target meanwhile.</summary>
    public long Operations { get; set; }

    public long this[HintStatus status] => _byStatus[(int)status];

    public void Add(in HintOutcome outcome)
    {
        Attempts++;
        _byStatus[(int)outcome.Status]++;
        CalledGone += outcome.Status == HintStatus.TargetExited || outcome.Reason == HintReason.ThreadGroupLeaderExited ? 1 : 0;
        CouldNotLook += outcome.Reason == HintReason.CouldNotLook ? 1 : 0;
        StaleUnderTheFreeze += outcome is { Status: HintStatus.Stale, Windows: > 0 } ? 1 : 0;
    }

    /// <summary>A capture, before a plan was made, failed so.</summary>
    public void Add(TargetException failure)
    {
        CalledGone += failure.Error == TargetError.CouldNotLook ? 0 : 1;
        CouldNotLook += failure.Error == TargetError.CouldNotLook ? 1 : 0;
    }

    public void Book(long canaryPages, bool isReported)
    {
        Reported += isReported ? canaryPages : 0;
        MisHints += isReported ? 0 : canaryPages;
    }

    public void Add(SoakCounts other)
    {
        Attempts += other.Attempts;
        StaleUnderTheFreeze += other.StaleUnderTheFreeze;
        MisHints += other.MisHints;
        CalledGone += other.CalledGone;
        CouldNotLook += other.CouldNotLook;
        Reported += other.Reported;
        Looked += other.Looked;
        Operations += other.Operations;
        for (int i = 0; i < _byStatus.Length; i++)
        {
            _byStatus[i] += other._byStatus[i];
        }
    }
}
