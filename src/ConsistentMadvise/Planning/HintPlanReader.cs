using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>Reads a plan from untrusted JSON: if it is accepted, each range lies inside the VMA that it names.</summary>
internal static class HintPlanReader
{
    private static string TooLong => string.Create(CultureInfo.InvariantCulture, $"it is longer than {HintPlan.MaxJsonLength} bytes.");

    /// <summary>Returns what is wrong with the text; null if it is a plan.</summary>
    public static string? Read(string json, out HintPlan? plan)
    {
        plan = null;

        // As bytes: given text, .NET's reader throws ArgumentException for an unpaired surrogate.
        return json.Length > HintPlan.MaxJsonLength ? TooLong : Read(Encoding.UTF8.GetBytes(json), out plan);
    }

    /// <summary>Returns what is wrong with the UTF-8 text; null if it is a plan.</summary>
    public static string? Read(ReadOnlySpan<byte> json, out HintPlan? plan)
    {
        plan = null;
        if (json.Length > HintPlan.MaxJsonLength)
        {
            return TooLong;
        }

        HintPlanDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, HintPlanJsonContext.Default.HintPlanDocument);
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
            return $"expiresAt must be after createdAt, by at most {HintPlan.MaxLifetime.TotalMinutes} minutes.";
        }

        PlannedRanges? ranges = null;
        string? problem = CheckVmas(document, token, out PlannedVma[] vmas) ?? CheckRanges(document, vmas, HugePage.UnitOf(advice), out ranges);
        plan = ranges is null ? null : new HintPlan(advice, token, layout: null, ranges, createdAt, expiresAt);
        return problem;
    }

    private static string? CheckVmas(HintPlanDocument document, LayoutToken token, out PlannedVma[] vmas)
    {
        vmas = new PlannedVma[document.Vmas.Length];
        if (vmas.Length > token.VmaCount)
        {
            return $"it lists {vmas.Length} VMAs, but its token is of a layout of {token.VmaCount}.";
        }

        ulong end = 0;
        for (int i = 0; i < vmas.Length; i++)
        {
            HintPlanDocument.VmaEntry entry = document.Vmas[i];
            if (entry is null || !TryReadRange(entry.Start, entry.End, out AddressRange range) || range.Start < end)
            {
                return $"vmas[{i}]: start and end must be page-aligned, as maps prints them, and after the previous VMA.";
            }

            if (!UInt128.TryParse(entry.Line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 hash)
                || HintPlanDocument.Hash(hash) != entry.Line)
            {
                return $"vmas[{i}]: line must be 32 hexadecimal digits.";
            }

            vmas[i] = new PlannedVma(range, hash);
            end = range.End;
        }

        return null;
    }

    private static string? CheckRanges(HintPlanDocument document, PlannedVma[] vmas, ulong unit, out PlannedRanges? planned)
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
                return $"ranges[{i}]: start and end must be page-aligned, as maps prints them, and after the previous range.";
            }

            if (entry.Vma != vma && entry.Vma != vma + 1 || (uint)entry.Vma >= (uint)vmas.Length || !vmas[entry.Vma].Range.Contains(range))
            {
                return $"ranges[{i}]: it must lie in the VMA that it names, and name the VMAs in order.";
            }

            if (unit != 0 && HugePage.Inside(range, unit) != range)
            {
                return $"ranges[{i}]: it must consist of whole huge pages, {unit} bytes on this machine.";
            }

            vma = entry.Vma;
            ranges[i] = range;
            vmaOfRange[i] = vma;
            end = range.End;
        }

        if (vma != vmas.Length - 1)
        {
            return "it lists VMAs that no range lies in.";
        }

        PlannedRanges candidate = new(ranges, vmas, vmaOfRange);
        if (candidate.Bytes != document.Bytes)
        {
            return $"bytes is {document.Bytes}, but its ranges hold {candidate.Bytes}.";
        }

        planned = candidate;
        return null;
    }

    private static bool TryReadRange(string start, string end, out AddressRange range)
    {
        ulong mask = (ulong)Environment.SystemPageSize - 1;
        bool isRange = TryReadAddress(start, out ulong first) & TryReadAddress(end, out ulong past) && first < past && ((first | past) & mask) == 0;
        range = new AddressRange(first, past);
        return isRange;
    }

    /// <remarks>Exactly as written: .NET's number parser also accepts upper case and trailing zero characters.</remarks>
    private static bool TryReadAddress(string text, out ulong address) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address) && HintPlanDocument.Address(address) == text;

    private static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, HintPlanDocument.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
        && HintPlanDocument.Time(time) == text;
}
