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

    /// <summary>Gets how it ended; <see cref="HintStatus.Unspecified"/> if no transaction was run.</summary>
    public HintStatus Status { get; }

    /// <summary>Gets why the plan was not applied completely.</summary>
    public HintReason Reason { get; }

    /// <summary>Gets a sentence for a log: what happened, and what to do about it. Empty if there is nothing to explain.</summary>
    public string Message => _report?.Message ?? string.Empty;

    /// <summary>Gets the bytes of the plan.</summary>
    public ulong BytesPlanned => _report?.BytesPlanned ?? 0;

    /// <summary>Gets the bytes that the kernel reported as advised.</summary>
    /// <remarks>
    /// A lower bound if a range is <see cref="RangeStatus.Incomplete"/>: the kernel advises the mapped parts of a range with a hole, but counts
    /// none of them. Accepted advice is no proof that pages left memory.
    /// </remarks>
    public ulong BytesAdvised => _report?.BytesAdvised ?? 0;

    /// <summary>Gets the bytes of the plan that were skipped because <c>PAGEMAP_SCAN</c> (Linux 6.7) found no page there before the first freeze.</summary>
    /// <remarks>Only in plans of 64 MiB or more, for <see cref="Advice.Cold"/> and <see cref="Advice.PageOut"/> under a freeze. Pages touched after the scan are recent, and not hinted.</remarks>
    public ulong BytesEmpty => _report?.BytesEmpty ?? 0;

    /// <summary>Gets the <see cref="HintOptions.MaxPause"/> that the plan needs, with a margin, if the reason is <see cref="HintReason.PauseTooShort"/>; otherwise zero.</summary>
    public TimeSpan PauseNeeded => _report?.PauseNeeded ?? TimeSpan.Zero;

    /// <summary>Gets the outcome of each range, in plan order. Empty if no range was attempted.</summary>
    public IReadOnlyList<RangeOutcome> Ranges => _report?.Ranges ?? [];

    /// <summary>Gets the memory use of the planned ranges before and after; null if nothing was attempted, a call has not returned, or <see cref="HintOptions.MeasureEffect"/> was not set.</summary>
    public HintEffect? Effect => _report?.Effect;

    /// <summary>Gets the layout changes that made the plan stale, from a capture after the thaw.</summary>
    /// <remarks>
    /// Empty if the layout has changed back since, or if the plan was read from JSON and only VMAs that it does not name changed. Always empty for such a plan if it did
    /// not match at first: its ranges could otherwise be used to read a layout that the caller was not shown.
    /// </remarks>
    public LayoutDiff Changes => _report?.Changes ?? LayoutDiff.Empty;

    /// <summary>Gets the freezer that was used; null if nothing was frozen.</summary>
    public FreezerKind? Freezer => _report?.Freezer;

    /// <summary>Gets why this freezer was chosen, for a log. Empty if nothing was frozen.</summary>
    public string FreezerReason => _report?.FreezerReason ?? string.Empty;

    /// <summary>Gets whether an optimistic attempt raced before this outcome was reached under a freeze: <see cref="HintOptions.FreezeAfterRace"/>.</summary>
    public bool HasRaced => Status == HintStatus.Raced || (_report?.HasRaced ?? false);

    /// <summary>Gets how often the target was frozen.</summary>
    public int Windows => _report?.Windows ?? 0;

    /// <summary>Gets how many windows held the target for longer than <see cref="HintOptions.MaxPause"/>.</summary>
    public int Overruns => _report?.Overruns ?? 0;

    /// <summary>Gets the longest time that the target was frozen, as the caller saw it: from the first request to stop until the last thread was thawed.</summary>
    public TimeSpan LongestPause => _report?.LongestPause ?? TimeSpan.Zero;

    /// <summary>Gets the total time that the target was frozen.</summary>
    public TimeSpan TotalPause => _report?.TotalPause ?? TimeSpan.Zero;

    /// <summary>Gets how long each step took.</summary>
    public HintTimings Timings => _report?.Timings ?? default;

    /// <summary>Returns status, reason and bytes in one line.</summary>
    public override string ToString()
    {
        string reason = Reason == HintReason.None ? string.Empty : $" ({Reason})";
        return string.Create(CultureInfo.InvariantCulture, $"{Status}{reason}, {BytesAdvised} of {BytesPlanned} bytes");
    }

    /// <summary>An outcome of a status that is known only at run time.</summary>
    internal static HintOutcome Of(HintStatus status, HintReason reason, HintReport report) => status switch
    {
        HintStatus.Applied => Applied(report),
        HintStatus.PartlyApplied => PartlyApplied(reason, report),
        HintStatus.Stale => Stale(reason, report),
        HintStatus.FreezeTimedOut => FreezeTimedOut(reason, report),
        HintStatus.TargetExited => TargetExited(reason, report),
        HintStatus.Refused => Refused(reason, report),
        _ => Raced(reason, report),
    };

    /// <summary>Every range was advised.</summary>
    internal static HintOutcome Applied(HintReport report) => new(HintStatus.Applied, HintReason.None, report);

    /// <summary>Part of the plan was advised.</summary>
    internal static HintOutcome PartlyApplied(HintReason reason, HintReport report) => new(HintStatus.PartlyApplied, reason, report);

    /// <summary>The plan does not match the layout.</summary>
    internal static HintOutcome Stale(HintReason reason, HintReport report) => new(HintStatus.Stale, reason, report);

    /// <summary>The target did not stop in time, or another engine held it.</summary>
    internal static HintOutcome FreezeTimedOut(HintReason reason, HintReport report) => new(HintStatus.FreezeTimedOut, reason, report);

    /// <summary>The process has exited.</summary>
    internal static HintOutcome TargetExited(HintReason reason, HintReport report) => new(HintStatus.TargetExited, reason, report);

    /// <summary>The layout moved between the recheck and the end of the hints.</summary>
    internal static HintOutcome Raced(HintReason reason, HintReport report) => new(HintStatus.Raced, reason, report);

    /// <summary>It was not possible or not permitted.</summary>
    internal static HintOutcome Refused(HintReason reason, HintReport report) => new(HintStatus.Refused, reason, report);
}
