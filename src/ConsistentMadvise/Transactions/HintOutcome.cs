using System.Globalization;

namespace ConsistentMadvise;

/// <summary>How a transaction ended, what it did, and what it cost the target.</summary>
public readonly struct HintOutcome
{
    private readonly HintReport? _report;

    /// <summary>The same outcome, reached after an optimistic attempt that raced.</summary>
    internal HintOutcome AfterRace() => new(Status, Reason, _report! with { HasRaced = true });

    private HintOutcome(HintStatus status, HintReason reason, HintReport report)
    {
        Status = status;
        Reason = reason;
        _report = report;
    }

    /// <summary>Gets how it ended; <see cref="HintStatus.Unspecified"/> when no transaction was run.</summary>
    public HintStatus Status { get; }

    /// <summary>Gets why the plan was not applied as a whole.</summary>
    public HintReason Reason { get; }

    /// <summary>Gets a sentence for a log: what happened, and what to do where something can be done. Empty when there is nothing to explain.</summary>
    public string Message => _report?.Message ?? string.Empty;

    /// <summary>Gets the bytes that the plan names.</summary>
    public ulong BytesPlanned => _report?.BytesPlanned ?? 0;

    /// <summary>Gets the bytes that the kernel reported as advised.</summary>
    /// <remarks>
    /// A lower bound when a range is <see cref="RangeStatus.Incomplete"/>: the kernel advises the mapped parts of a range with a hole and counts
    /// none of it. That the kernel took advice is no proof that pages left memory.
    /// </remarks>
    public ulong BytesAdvised => _report?.BytesAdvised ?? 0;

    /// <summary>Gets what became of each range, in the order of the plan. Empty when no range was attempted.</summary>
    public IReadOnlyList<RangeOutcome> Ranges => _report?.Ranges ?? [];

    /// <summary>Gets what moved in the layout when the plan was stale; from a fresh capture made after the target was thawed.</summary>
    /// <remarks>Empty when the layout has changed back since, and for a plan read from JSON when only VMAs that it does not name moved.</remarks>
    public LayoutDiff Changes => _report?.Changes ?? LayoutDiff.Empty;

    /// <summary>Gets what held the target still; <see cref="FreezerKind.Auto"/> when nothing was frozen.</summary>
    public FreezerKind Freezer => _report?.Freezer ?? FreezerKind.Auto;

    /// <summary>Gets why it was this freezer, for a log. Empty when nothing was frozen.</summary>
    public string FreezerReason => _report?.FreezerReason ?? string.Empty;

    /// <summary>Gets whether an optimistic attempt raced before this outcome was reached under a freeze: <see cref="HintOptions.FreezeAfterRace"/>.</summary>
    public bool HasRaced => Status == HintStatus.Raced || (_report?.HasRaced ?? false);

    /// <summary>Gets how often the target was frozen.</summary>
    public int Windows => _report?.Windows ?? 0;

    /// <summary>Gets how many windows held the target for longer than <see cref="HintOptions.MaxPause"/>.</summary>
    public int Overruns => _report?.Overruns ?? 0;

    /// <summary>Gets the longest time that the target was held still, as the caller saw it: from the first request to stop until the last thread was let go.</summary>
    public TimeSpan LongestPause => _report?.LongestPause ?? TimeSpan.Zero;

    /// <summary>Gets the sum of the times that the target was held still.</summary>
    public TimeSpan TotalPause => _report?.TotalPause ?? TimeSpan.Zero;

    /// <summary>Gets how long each step took.</summary>
    public HintTimings Timings => _report?.Timings ?? default;

    /// <summary>Returns the status, the reason and the bytes in one line.</summary>
    public override string ToString()
    {
        string reason = Reason == HintReason.None ? string.Empty : $" ({Reason})";
        return string.Create(CultureInfo.InvariantCulture, $"{Status}{reason}, {BytesAdvised} of {BytesPlanned} bytes");
    }

    /// <summary>Every range was advised.</summary>
    internal static HintOutcome Applied(HintReport report) => new(HintStatus.Applied, HintReason.None, report);

    /// <summary>Something was advised, and something was not.</summary>
    internal static HintOutcome PartlyApplied(HintReason reason, HintReport report) => new(HintStatus.PartlyApplied, reason, report);

    /// <summary>The plan does not fit the layout.</summary>
    internal static HintOutcome Stale(HintReason reason, HintReport report) => new(HintStatus.Stale, reason, report);

    /// <summary>The target did not come to rest, or another engine held it.</summary>
    internal static HintOutcome FreezeTimedOut(HintReason reason, HintReport report) => new(HintStatus.FreezeTimedOut, reason, report);

    /// <summary>The process has ended.</summary>
    internal static HintOutcome TargetExited(HintReason reason, HintReport report) => new(HintStatus.TargetExited, reason, report);

    /// <summary>The layout moved between the recheck and the end of the hints.</summary>
    internal static HintOutcome Raced(HintReason reason, HintReport report) => new(HintStatus.Raced, reason, report);

    /// <summary>It was not possible or not permitted.</summary>
    internal static HintOutcome Refused(HintReason reason, HintReport report) => new(HintStatus.Refused, reason, report);
}
