namespace ConsistentMadvise.Cli;

/// <summary>A <see cref="RangeOutcome"/> in JSON.</summary>
internal sealed record RangeDocument(string Start, string End, string Status, ulong BytesAdvised, int Errno)
{
    public static RangeDocument Of(RangeOutcome range) => new(
        VmaDocument.Address(range.Range.Start), VmaDocument.Address(range.Range.End), JsonName.Of(range.Status), range.BytesAdvised, range.Errno);
}
