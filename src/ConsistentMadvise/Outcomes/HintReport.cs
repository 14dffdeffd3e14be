namespace ConsistentMadvise;

/// <summary>The parts of an outcome other than its status.</summary>
internal sealed record HintReport
{
    public string Message { get; init; } = string.Empty;

    public ulong BytesPlanned { get; init; }

    public ulong BytesAdvised { get; init; }

    public ulong BytesEmpty { get; init; }

    public TimeSpan PauseNeeded { get; init; }

    public IReadOnlyList<RangeOutcome> Ranges { get; init; } = [];

    public HintEffect? Effect { get; init; }

    public LayoutDiff Changes { get; init; } = LayoutDiff.Empty;

    public FreezerKind? Freezer { get; init; }

    public string FreezerReason { get; init; } = string.Empty;

    public bool HasRaced { get; init; }

    public int Windows { get; init; }

    public int Overruns { get; init; }

    public TimeSpan LongestPause { get; init; }

    public TimeSpan TotalPause { get; init; }

    public HintTimings Timings { get; init; }
}
