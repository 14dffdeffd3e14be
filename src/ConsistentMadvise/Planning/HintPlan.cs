using System.Diagnostics.CodeAnalysis;

namespace ConsistentMadvise;

/// <summary>Which addresses of a process are to be hinted with which advice, and the layout in which that was decided.</summary>
/// <remarks>
/// Immutable, and safe for use by several threads. No range spans two VMAs. A plan expires, because its token does: the kernel's layout sequence
/// is a 32-bit counter that was measured to wrap in 34 minutes at the fastest.
/// </remarks>
public sealed class HintPlan
{
    /// <summary>A plan of more ranges than this is refused: no layout has so many VMAs, and the JSON form must not be a way to fill memory.</summary>
    internal const int MaxRanges = 1_000_000;

    /// <summary>How far the clocks of the planning and the applying machine may differ.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    internal HintPlan(Advice advice, LayoutToken token, LayoutSnapshot? layout, PlannedRanges ranges, DateTimeOffset createdAt, DateTimeOffset expiresAt)
    {
        Advice = advice;
        Token = token;
        Layout = layout;
        RangeArray = ranges.Ranges;
        Ranges = Array.AsReadOnly(ranges.Ranges);
        Vmas = ranges.Vmas;
        VmaOfRange = ranges.VmaOfRange;
        Bytes = ranges.Bytes;
        CreatedAt = createdAt;
        ExpiresAt = expiresAt;
    }

    /// <summary>Gets how long a plan lives when nothing else is asked for: 5 minutes.</summary>
    public static TimeSpan DefaultLifetime { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets how long a plan can live at most, and how old the snapshot it is made from can be: 15 minutes, less than half the time the kernel's counter needs to wrap.</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets the advice.</summary>
    public Advice Advice { get; }

    /// <summary>Gets the token of the layout that the plan was made from.</summary>
    public LayoutToken Token { get; }

    /// <summary>Gets the ranges: sorted, aligned to pages, apart from each other, each inside one VMA.</summary>
    public IReadOnlyList<AddressRange> Ranges { get; }

    /// <summary>Gets the sum of the ranges in bytes.</summary>
    public ulong Bytes { get; }

    /// <summary>Gets the time of planning, UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>Gets the time from which the plan is not applied any more, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Gets the layout that the plan was made from; null when the plan was read from JSON.</summary>
    public LayoutSnapshot? Layout { get; }

    internal AddressRange[] RangeArray { get; }

    /// <summary>The VMAs that ranges touch, each once, in the order of addresses.</summary>
    internal PlannedVma[] Vmas { get; }

    /// <summary>For each range the index of its VMA in <see cref="Vmas"/>.</summary>
    internal int[] VmaOfRange { get; }

    /// <summary>Plans a hint for every VMA that a predicate selects. What is not memory to be hinted (<see cref="Vma.IsSpecial"/>) is never selected.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="predicate">Tells whether a VMA is selected. When it selects none the plan is empty.</param>
    /// <param name="lifetime">How long the plan lives: above zero, at most <see cref="MaxLifetime"/>; <see cref="DefaultLifetime"/> by default.</param>
    /// <exception cref="ArgumentException">The advice is the default value, or the snapshot is older than <see cref="MaxLifetime"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is.</exception>
    public static HintPlan Create(LayoutSnapshot layout, Advice advice, Func<Vma, bool> predicate, TimeSpan? lifetime = null) =>
        Create(layout, advice, predicate, lifetime, TimeProvider.System);

    /// <inheritdoc cref="Create(LayoutSnapshot, Advice, Func{Vma, bool}, TimeSpan?)"/>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="filter">Selects the VMAs. When it selects none the plan is empty.</param>
    /// <param name="lifetime">How long the plan lives: above zero, at most <see cref="MaxLifetime"/>; <see cref="DefaultLifetime"/> by default.</param>
    public static HintPlan Create(LayoutSnapshot layout, Advice advice, VmaFilter filter, TimeSpan? lifetime = null)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Create(layout, advice, filter.Matches, lifetime, TimeProvider.System);
    }

    /// <summary>Plans a hint for explicit ranges. Those that overlap or touch are merged, then cut where VMAs meet.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="ranges">The ranges, in any order; start and end are multiples of the page size.</param>
    /// <param name="lifetime">How long the plan lives: above zero, at most <see cref="MaxLifetime"/>; <see cref="DefaultLifetime"/> by default.</param>
    /// <exception cref="ArgumentException">
    /// A range is empty or not aligned; some part of one is covered by no VMA, or by one that is not memory to be hinted
    /// (<c>TryCreate</c> returns false for these); the advice is the default value; the snapshot is older than <see cref="MaxLifetime"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is.</exception>
    public static HintPlan Create(LayoutSnapshot layout, Advice advice, IEnumerable<AddressRange> ranges, TimeSpan? lifetime = null) =>
        TryCreate(layout, advice, ranges, out HintPlan? plan, out string? reason, lifetime, TimeProvider.System)
            ? plan
            : throw new ArgumentException(reason, nameof(ranges));

    /// <summary>Plans a hint for explicit ranges, and tells whether the layout allows it.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="ranges">The ranges, in any order; start and end are multiples of the page size.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">Which part of the ranges no VMA covers, or only one that is not memory to be hinted.</param>
    /// <param name="lifetime">How long the plan lives: above zero, at most <see cref="MaxLifetime"/>; <see cref="DefaultLifetime"/> by default.</param>
    /// <exception cref="ArgumentException">A range is empty or not aligned; the advice is the default value; the snapshot is older than <see cref="MaxLifetime"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is.</exception>
    public static bool TryCreate(
        LayoutSnapshot layout, Advice advice, IEnumerable<AddressRange> ranges,
        [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason, TimeSpan? lifetime = null) =>
        TryCreate(layout, advice, ranges, out plan, out reason, lifetime, TimeProvider.System);

    /// <summary>Reads a plan from its JSON form.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">The text is not a plan, or one whose parts contradict each other; the message says what.</exception>
    public static HintPlan FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TryFromJson(json, out HintPlan? plan, out string? reason) ? plan : throw new FormatException($"The text is not a hint plan: {reason}");
    }

    /// <summary>Reads a plan from its JSON form, and tells whether it could.</summary>
    /// <param name="json">The text.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">What is wrong with the text.</param>
    public static bool TryFromJson([NotNullWhen(true)] string? json, [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason)
    {
        reason = HintPlanReader.Read(json ?? string.Empty, out plan);
        return plan is not null;
    }

    /// <summary>
    /// Returns the JSON form, in one line: <c>{"version":1,"advice":...,"token":...,"createdAt":...,"expiresAt":...,"bytes":...,"ranges":[...],"vmas":[...]}</c>,
    /// with addresses as hexadecimal strings and sizes in bytes.
    /// </summary>
    public string ToJson() => HintPlanDocument.Write(this);

    /// <summary>Tells whether the plan is not to be applied any more, or seems to come from the future by more than a minute, which makes its age unknown.</summary>
    /// <param name="time">The time to ask for.</param>
    public bool IsExpiredAt(DateTimeOffset time) => time >= ExpiresAt || CreatedAt - time > ClockTolerance;

    internal static HintPlan Create(LayoutSnapshot layout, Advice advice, Func<Vma, bool> predicate, TimeSpan? lifetime, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        (DateTimeOffset createdAt, DateTimeOffset expiresAt) = CheckAndDate(layout, advice, lifetime, time);
        return new HintPlan(advice, layout.Token, layout, new RangePlanner(layout).Select(predicate), createdAt, expiresAt);
    }

    internal static bool TryCreate(
        LayoutSnapshot layout, Advice advice, IEnumerable<AddressRange> ranges,
        [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason, TimeSpan? lifetime, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        (DateTimeOffset createdAt, DateTimeOffset expiresAt) = CheckAndDate(layout, advice, lifetime, time);
        reason = new RangePlanner(layout).Cut(RangeMerger.Merge(ranges), out PlannedRanges? planned);
        plan = planned is null ? null : new HintPlan(advice, layout.Token, layout, planned, createdAt, expiresAt);
        return plan is not null;
    }

    private static (DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt) CheckAndDate(LayoutSnapshot layout, Advice advice, TimeSpan? lifetime, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (advice == default)
        {
            throw new ArgumentException("The default value is no advice; use one of Advice.Known.", nameof(advice));
        }

        TimeSpan length = lifetime ?? DefaultLifetime;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero, nameof(lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLifetime, nameof(lifetime));

        // The token is as old as the snapshot, not as the plan.
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset tokenEnd = layout.CapturedAt + MaxLifetime;
        return now < tokenEnd
            ? (now, now + length < tokenEnd ? now + length : tokenEnd)
            : throw new ArgumentException($"The snapshot was captured at {layout.CapturedAt:u}, more than {MaxLifetime.TotalMinutes} minutes ago; capture the layout anew.", nameof(layout));
    }
}
