using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>Reads a plan from JSON that anyone may have written: whatever passes has each range inside the VMA it names.</summary>
internal static class HintPlanReader
{
    /// <summary>Longer than the text of <see cref="HintPlan.MaxRanges"/> ranges can be.</summary>
    private const int MaxTextLength = 256 * 1024 * 1024;

    /// <summary>Returns what is wrong with the text; null when it is a plan.</summary>
    public static string? Read(string json, out HintPlan? plan)
    {
        plan = null;
        if (json.Length > MaxTextLength)
        {
            return $"it is longer than {MaxTextLength} characters.";
        }

        HintPlanDocument? document;
        try
        {
            // As bytes: of text, .NET's reader refuses half a surrogate pair with an ArgumentException.
            document = JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), HintPlanJsonContext.Default.HintPlanDocument);
        }
        catch (JsonException e)
        {
            return $"it is not the JSON of a plan: {e.Message}";
        }

        return document is null ? "it is null." : Check(document, out plan);
    }

    private static string? Check(HintPlanDocument document, out HintPlan? plan)
    {
        plan = null;
        if (document.Version != HintPlanDocument.CurrentVersion)
        {
            return $"version {document.Version} is not known; this library reads version {HintPlanDocument.CurrentVersion}.";
        }

        if (!Advice.TryParse(document.Advice, out Advice advice) || advice.ToString() != document.Advice)
        {
            return $"'{document.Advice}' is not an advice.";
        }

        if (!LayoutToken.TryParse(document.Token, null, out LayoutToken token))
        {
            return $"'{document.Token}' is not a layout token.";
        }

        if (!TryReadTime(document.CreatedAt, out DateTimeOffset createdAt) || !TryReadTime(document.ExpiresAt, out DateTimeOffset expiresAt))
        {
            return "createdAt and expiresAt must be UTC times, as in 2026-01-31T12:00:00Z.";
        }

        if (expiresAt <= createdAt || expiresAt - createdAt > HintPlan.MaxLifetime)
        {
            return $"it must expire after its creation, and within {HintPlan.MaxLifetime.TotalMinutes} minutes.";
        }

        PlannedRanges? ranges = null;
        string? problem = CheckVmas(document, token, out PlannedVma[] vmas) ?? CheckRanges(document, vmas, out ranges);
        plan = ranges is null ? null : new HintPlan(advice, token, layout: null, ranges, createdAt, expiresAt);
        return problem;
    }

    private static string? CheckVmas(HintPlanDocument document, LayoutToken token, out PlannedVma[] vmas)
    {
        vmas = new PlannedVma[document.Vmas.Length];
        if (vmas.Length > token.VmaCount)
        {
            return $"it names {vmas.Length} VMAs of a layout that has {token.VmaCount}.";
        }

        ulong end = 0;
        for (int i = 0; i < vmas.Length; i++)
        {
            HintPlanDocument.VmaEntry entry = document.Vmas[i];
            if (entry is null || !TryReadRange(entry.Start, entry.End, out AddressRange range) || range.Start < end)
            {
                return $"VMA {i} must be two addresses of whole pages as maps prints them, behind the VMA before it.";
            }

            if (!UInt128.TryParse(entry.Line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 hash)
                || HintPlanDocument.Hash(hash) != entry.Line)
            {
                return $"the line of VMA {i} is not 32 hexadecimal digits.";
            }

            vmas[i] = new PlannedVma(range, hash);
            end = range.End;
        }

        return null;
    }

    private static string? CheckRanges(HintPlanDocument document, PlannedVma[] vmas, out PlannedRanges? planned)
    {
        planned = null;
        if (document.Ranges.Length > HintPlan.MaxRanges)
        {
            return $"it has more than {HintPlan.MaxRanges} ranges.";
        }

        AddressRange[] ranges = new AddressRange[document.Ranges.Length];
        int[] vmaOfRange = new int[ranges.Length];
        ulong end = 0;
        int vma = -1;
        for (int i = 0; i < ranges.Length; i++)
        {
            HintPlanDocument.RangeEntry entry = document.Ranges[i];
            if (entry is null || !TryReadRange(entry.Start, entry.End, out AddressRange range) || range.Start < end)
            {
                return $"range {i} must be two addresses of whole pages as maps prints them, behind the range before it.";
            }

            if (entry.Vma != vma && entry.Vma != vma + 1 || (uint)entry.Vma >= (uint)vmas.Length || !vmas[entry.Vma].Range.Contains(range))
            {
                return $"range {i} does not lie in the VMA that it names, or names them out of order.";
            }

            vma = entry.Vma;
            ranges[i] = range;
            vmaOfRange[i] = vma;
            end = range.End;
        }

        if (vma != vmas.Length - 1)
        {
            return "it names VMAs in which no range lies.";
        }

        PlannedRanges candidate = new(ranges, vmas, vmaOfRange);
        if (candidate.Bytes != document.Bytes)
        {
            return $"its ranges hold {candidate.Bytes} bytes, not {document.Bytes}.";
        }

        planned = candidate;
        return null;
    }

    private static bool TryReadRange(string start, string end, out AddressRange range)
    {
        ulong mask = (ulong)Environment.SystemPageSize - 1;
        bool isRange = TryReadAddress(start, out ulong first) & TryReadAddress(end, out ulong behind) && first < behind && ((first | behind) & mask) == 0;
        range = new AddressRange(first, behind);
        return isRange;
    }

    /// <remarks>Only as it is written: .NET's number parser also takes upper case, and zero characters behind a number.</remarks>
    private static bool TryReadAddress(string text, out ulong address) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address) && HintPlanDocument.Address(address) == text;

    private static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, HintPlanDocument.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
        && HintPlanDocument.Time(time) == text;
}
