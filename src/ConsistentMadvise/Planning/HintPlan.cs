using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>The addresses of a process to hint, the advice, and the layout that they were chosen from.</summary>
/// <remarks>
/// Immutable, and safe for use by several threads. No range spans two VMAs. For <see cref="Advice.Collapse"/> a range consists of whole huge pages, aligned to their
/// size; parts of a VMA or requested range that are no whole huge page are left out. A plan expires, because its token does: the kernel's layout sequence
/// is a 32-bit counter that wraps in 34 minutes at the fastest rate measured.
/// </remarks>
public sealed class HintPlan
{
    /// <summary>A plan of more ranges is refused: no layout has so many VMAs, and JSON must not be a way to exhaust memory.</summary>
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

    /// <summary>Gets the default lifetime of a plan: 5 minutes.</summary>
    public static TimeSpan DefaultLifetime { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets the maximum lifetime of a plan, and the maximum age of its snapshot: 15 minutes, less than half the time in which the kernel's counter can wrap.</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets the maximum length of the JSON form in bytes of UTF-8: 256 MiB, more than a million ranges need. Longer text is refused.</summary>
    public static int MaxJsonLength { get; } = 256 * 1024 * 1024;

    /// <summary>Gets the advice.</summary>
    public Advice Advice { get; }

    /// <summary>Gets the token of the layout that the plan was made from.</summary>
    public LayoutToken Token { get; }

    /// <summary>Gets the ranges: sorted, page-aligned, disjoint, each inside one VMA.</summary>
    public IReadOnlyList<AddressRange> Ranges { get; }

    /// <summary>Gets the total length of the ranges in bytes.</summary>
    public ulong Bytes { get; }

    /// <summary>Gets the time of planning, UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>Gets the time from which the plan is refused, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Gets the layout that the plan was made from; null when the plan was read from JSON.</summary>
    public LayoutSnapshot? Layout { get; }

    internal AddressRange[] RangeArray { get; }

    /// <summary>The VMAs that ranges touch, each once, in address order.</summary>
    internal PlannedVma[] Vmas { get; }

    /// <summary>For each range the index of its VMA in <see cref="Vmas"/>.</summary>
    internal int[] VmaOfRange { get; }

    /// <summary>Plans a hint for every VMA that a predicate selects. A VMA that must not be hinted (<see cref="Vma.IsSpecial"/>) is never selected.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="predicate">Returns whether a VMA is selected. If it selects none, the plan is empty.</param>
    /// <param name="options">Lifetime and clock; null for <see cref="PlanOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The advice is the default value, or the snapshot is older than <see cref="MaxLifetime"/>.</exception>
    /// <example>
    /// <code>
    /// HintPlan plan = HintPlan.Create(layout, Advice.PageOut, static vma =&gt; vma.IsPrivateAnonymous &amp;&amp; vma.Length &gt;= 1 &lt;&lt; 20);
    /// </code>
    /// </example>
    public static HintPlan Create(LayoutSnapshot layout, Advice advice, Func<Vma, bool> predicate, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        (DateTimeOffset createdAt, DateTimeOffset expiresAt) = CheckAndDate(layout, advice, options ?? PlanOptions.Default);
        return new HintPlan(advice, layout.Token, layout, new RangePlanner(layout, HugePage.UnitOf(advice)).Select(predicate), createdAt, expiresAt);
    }

    /// <summary>Plans a hint for every VMA that a filter selects. A VMA that must not be hinted (<see cref="Vma.IsSpecial"/>) is never selected.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="filter">Selects the VMAs. If it selects none, the plan is empty.</param>
    /// <param name="options">Lifetime and clock; null for <see cref="PlanOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The advice is the default value, or the snapshot is older than <see cref="MaxLifetime"/>.</exception>
    /// <example>
    /// <code>
    /// HintPlan plan = HintPlan.Create(layout, Advice.Cold, VmaFilter.Parse("anon,size&gt;=1M"));
    /// </code>
    /// </example>
    public static HintPlan Create(LayoutSnapshot layout, Advice advice, VmaFilter filter, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Create(layout, advice, filter.Matches, options);
    }

    /// <summary>Plans a hint for explicit ranges. Ranges that overlap or touch are merged, then cut at VMA boundaries.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="ranges">The ranges, in any order; start and end are multiples of the page size.</param>
    /// <param name="options">Lifetime and clock; null for <see cref="PlanOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">
    /// A range is empty or not aligned; part of one is covered by no VMA, or by one that must not be hinted; or none holds a whole huge page for
    /// <see cref="Advice.Collapse"/> (<c>TryCreate</c> returns false for these); the advice is the default value; the snapshot is older than <see cref="MaxLifetime"/>.
    /// </exception>
    public static HintPlan Create(LayoutSnapshot layout, Advice advice, IEnumerable<AddressRange> ranges, PlanOptions? options = null) =>
        TryCreate(layout, advice, ranges, options, out HintPlan? plan, out string? reason) ? plan : throw new ArgumentException(reason, nameof(ranges));

    /// <summary>Plans a hint for explicit ranges with the default options, and returns whether the layout allows it.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="ranges">The ranges, in any order; start and end are multiples of the page size.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">The part of the ranges that no VMA covers, or that must not be hinted.</param>
    /// <exception cref="ArgumentException">A range is empty or not aligned; the advice is the default value; the snapshot is older than <see cref="MaxLifetime"/>.</exception>
    public static bool TryCreate(
        LayoutSnapshot layout, Advice advice, IEnumerable<AddressRange> ranges, [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason) =>
        TryCreate(layout, advice, ranges, null, out plan, out reason);

    /// <summary>Plans a hint for explicit ranges, and returns whether the layout allows it.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="advice">The advice.</param>
    /// <param name="ranges">The ranges, in any order; start and end are multiples of the page size.</param>
    /// <param name="options">Lifetime and clock; null for <see cref="PlanOptions.Default"/>.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">The part of the ranges that no VMA covers, or that must not be hinted.</param>
    /// <exception cref="ArgumentException">A range is empty or not aligned; the advice is the default value; the snapshot is older than <see cref="MaxLifetime"/>.</exception>
    public static bool TryCreate(
        LayoutSnapshot layout, Advice advice, IEnumerable<AddressRange> ranges, PlanOptions? options,
        [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        (DateTimeOffset createdAt, DateTimeOffset expiresAt) = CheckAndDate(layout, advice, options ?? PlanOptions.Default);
        reason = new RangePlanner(layout, HugePage.UnitOf(advice)).Cut(RangeMerger.Merge(ranges), out PlannedRanges? planned);
        plan = planned is null ? null : new HintPlan(advice, layout.Token, layout, planned, createdAt, expiresAt);
        return plan is not null;
    }

    /// <summary>Reads a plan from its JSON form.</summary>
    /// <param name="json">The text.</param>
    /// <remarks>
    /// The text need not be trusted. Under every <see cref="HintConsistency"/> and <see cref="LayoutMatch"/>, applying first compares it with the process's layout: each VMA that it names
    /// must exist with the same line and range, or the whole plan is stale.
    /// </remarks>
    /// <example>
    /// <code>
    /// HintPlan plan = HintPlan.FromJson(await File.ReadAllTextAsync(path));
    /// using ProcessTarget target = ProcessTarget.Open(plan.Token.Process.Pid);
    /// HintOutcome outcome = target.Apply(plan);
    /// </code>
    /// </example>
    /// <seealso cref="ToJson"/>
    /// <exception cref="FormatException">The text is not a plan, or contradicts itself; the message says how.</exception>
    public static HintPlan FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TryFromJson(json, out HintPlan? plan, out string? reason) ? plan : throw new FormatException($"The text is not a hint plan: {reason}");
    }

    /// <summary>Reads a plan from its JSON form, and returns whether it could.</summary>
    /// <param name="json">The text.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">What is wrong with the text.</param>
    public static bool TryFromJson([NotNullWhen(true)] string? json, [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason)
    {
        reason = HintPlanReader.Read(json ?? string.Empty, out plan);
        return plan is not null;
    }

    /// <summary>Reads a plan from its JSON form in UTF-8.</summary>
    /// <param name="utf8Json">The text, without a byte order mark. It need not be trusted: <see cref="FromJson"/>.</param>
    /// <exception cref="FormatException">The text is not a plan, or contradicts itself; the message says how.</exception>
    public static HintPlan FromUtf8Json(ReadOnlySpan<byte> utf8Json) =>
        TryFromUtf8Json(utf8Json, out HintPlan? plan, out string? reason) ? plan : throw new FormatException($"The text is not a hint plan: {reason}");

    /// <summary>Reads a plan from its JSON form in UTF-8, and returns whether it could.</summary>
    /// <param name="utf8Json">The text, without a byte order mark.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">What is wrong with the text.</param>
    public static bool TryFromUtf8Json(ReadOnlySpan<byte> utf8Json, [NotNullWhen(true)] out HintPlan? plan, [NotNullWhen(false)] out string? reason)
    {
        reason = HintPlanReader.Read(utf8Json, out plan);
        return plan is not null;
    }

    /// <summary>Returns advice, bytes, ranges and process.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Advice}: {Bytes} bytes in {Ranges.Count} ranges of process {Token.Process.Pid}");

    /// <summary>
    /// Returns the JSON form, in one line: <c>{"version":1,"advice":...,"token":...,"createdAt":...,"expiresAt":...,"bytes":...,"ranges":[...],"vmas":[...]}</c>,
    /// with addresses as hexadecimal strings and sizes in bytes.
    /// </summary>
    public string ToJson() => HintPlanDocument.Write(this);

    /// <summary>Returns the JSON form in UTF-8, in one line: that of <see cref="ToJson"/>.</summary>
    public byte[] ToUtf8Json() => HintPlanDocument.WriteUtf8(this);

    /// <summary>Writes the JSON form, a value of its own or a member of a larger document.</summary>
    /// <param name="writer">The writer. It is not flushed.</param>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        HintPlanDocument.Write(writer, this);
    }

    /// <summary>Returns whether the plan has expired, or was created more than a minute in the future, which makes its age unknown.</summary>
    /// <param name="time">The time to compare with.</param>
    public bool IsExpiredAt(DateTimeOffset time) => time >= ExpiresAt || CreatedAt - time > ClockTolerance;

    private static (DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt) CheckAndDate(LayoutSnapshot layout, Advice advice, PlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (advice == default)
        {
            throw new ArgumentException("The default value is no advice; use one of Advice.Known.", nameof(advice));
        }

        // The token is as old as the snapshot, not as the plan.
        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        DateTimeOffset tokenEnd = layout.CapturedAt + MaxLifetime;
        return now < tokenEnd
            ? (now, now + options.Lifetime < tokenEnd ? now + options.Lifetime : tokenEnd)
            : throw new ArgumentException($"The snapshot was captured at {layout.CapturedAt:u}, more than {MaxLifetime.TotalMinutes} minutes ago; capture the layout again.", nameof(layout));
    }
}
