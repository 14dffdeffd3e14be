namespace ConsistentMadvise.Cli;

/// <summary>A <see cref="LayoutChange"/> in JSON.</summary>
internal sealed record ChangeDocument(string Kind, string Start, string End, VmaDocument? Before, VmaDocument? After)
{
    public static ChangeDocument[] Of(LayoutDiff changes) => [.. changes.Select(static change => new ChangeDocument(
        JsonName.Of(change.Kind),
        VmaDocument.Address(change.Range.Start),
        VmaDocument.Address(change.Range.End),
        change.Before is { } before ? VmaDocument.Of(before) : null,
        change.After is { } after ? VmaDocument.Of(after) : null))];
}
