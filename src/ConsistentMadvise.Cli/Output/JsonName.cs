using System.Text.Json;

namespace ConsistentMadvise.Cli;

/// <summary>The names of enumeration values in JSON.</summary>
internal static class JsonName
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static string OrNone<T>(T? value)
        where T : struct, Enum => value is { } known ? Of(known) : "none";
}
