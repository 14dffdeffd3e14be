using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Durations as users write them: <c>5ms</c>, <c>250us</c>, <c>1.5s</c>, <c>none</c>.</summary>
internal static class Durations
{
    public const string Form = "5ms, 250us, 1s, or none for no limit";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Parses a duration; returns what is wrong with the text.</summary>
    public static string? Parse(string text, out TimeSpan time)
    {
        time = Timeout.InfiniteTimeSpan;
        if (text is "none" or "infinite")
        {
            return null;
        }

        int digits = text.AsSpan().IndexOfAnyExceptInRange('.', '9');
        digits = digits < 0 ? text.Length : digits;
        if (!decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            return $"'{text}' is not a duration; write it as in {Form}.";
        }

        long ticks = text[digits..] switch
        {
            "us" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            _ => 0,
        };
        if (ticks == 0)
        {
            return digits == text.Length
                ? $"'{text}' has no unit; write {text}ms, {text}us or {text}s."
                : $"'{text[digits..]}' is not a unit of time; write it as in {Form}.";
        }

        if (number > Longest.Ticks / ticks)
        {
            return $"'{text}' is longer than a day; write none for no limit.";
        }

        time = new TimeSpan((long)(number * ticks));
        return time > TimeSpan.Zero ? null : $"'{text}' is not above zero; write it as in {Form}.";
    }

    /// <summary>Returns a time as people read it, such as <c>250 us</c> or <c>1.25 ms</c>.</summary>
    public static string Show(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? "no limit"
        : time < TimeSpan.FromMilliseconds(1) ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} us")
        : time < TimeSpan.FromSeconds(1) ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.##} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");
}
