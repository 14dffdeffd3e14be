using System.Globalization;
using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>The JSON form of a plan, member by member. Other processes store it: a change needs a new <see cref="CurrentVersion"/>.</summary>
internal sealed record HintPlanDocument(
    int Version,
    string Advice,
    string Token,
    string CreatedAt,
    string ExpiresAt,
    ulong Bytes,
    HintPlanDocument.RangeEntry[] Ranges,
    HintPlanDocument.VmaEntry[] Vmas)
{
    public const int CurrentVersion = 1;

    /// <summary>UTC, with a resolution of 100 ns.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public static string Write(HintPlan plan) => JsonSerializer.Serialize(Of(plan), HintPlanJsonContext.Default.HintPlanDocument);

    public static byte[] WriteUtf8(HintPlan plan) => JsonSerializer.SerializeToUtf8Bytes(Of(plan), HintPlanJsonContext.Default.HintPlanDocument);

    public static void Write(Utf8JsonWriter writer, HintPlan plan) => JsonSerializer.Serialize(writer, Of(plan), HintPlanJsonContext.Default.HintPlanDocument);

    private static HintPlanDocument Of(HintPlan plan) => new(
            CurrentVersion,
            plan.Advice.ToString(),
            plan.Token.ToString(),
            Time(plan.CreatedAt),
            Time(plan.ExpiresAt),
            plan.Bytes,
            [.. plan.RangeArray.Zip(plan.VmaOfRange, static (range, vma) => new RangeEntry(Address(range.Start), Address(range.End), vma))],
            Array.ConvertAll(plan.Vmas, static vma => new VmaEntry(Address(vma.Range.Start), Address(vma.Range.End), Hash(vma.LineHash))));

    public static string Address(ulong address) => address.ToString("x8", CultureInfo.InvariantCulture);

    public static string Hash(UInt128 hash) => hash.ToString("x32", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <param name="Start">Hexadecimal, as maps prints it.</param>
    /// <param name="End">Hexadecimal, as maps prints it.</param>
    /// <param name="Vma">Index into <see cref="Vmas"/>.</param>
    internal sealed record RangeEntry(string Start, string End, int Vma);

    /// <param name="Start">Hexadecimal, as maps prints it.</param>
    /// <param name="End">Hexadecimal, as maps prints it.</param>
    /// <param name="Line">The hash of the line of maps, 32 hexadecimal digits.</param>
    internal sealed record VmaEntry(string Start, string End, string Line);
}
