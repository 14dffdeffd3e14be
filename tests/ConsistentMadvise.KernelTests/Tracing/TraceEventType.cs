using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>The number by which records of one kind are known in a trace.</summary>
internal readonly record struct TraceEventType(ushort Id, TraceEventKind Kind, string Name)
{
    /// <summary>Takes the number from an event's <c>format</c> file.</summary>
    public static TraceEventType FromFormat(string format, TraceEventKind kind, string name)
    {
        string line = format.Split('\n').First(static line => line.StartsWith("ID: ", StringComparison.Ordinal));
        return new TraceEventType(ushort.Parse(line.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture), kind, name);
    }
}
