using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace ConsistentMadvise.Tests;

/// <summary>Listens to the library's meter, and keeps a line for each measurement: instrument, unit, value, tags in their order.</summary>
/// <remarks>Tests run side by side, so a test looks only for lines with a tag of its own.</remarks>
internal sealed class MeasurementLog : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<Instrument> _instruments = [];

    public MeasurementLog()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == HintTelemetry.MeterName)
            {
                _instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => [.. _instruments];

    public string[] Of(string part) => [.. _lines.Where(line => line.Contains(part, StringComparison.Ordinal))];

    public void Dispose() => _listener.Dispose();

    private void Add<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : IFormattable
    {
        string[] sorted = [.. tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal)];
        _lines.Enqueue($"{instrument.Name} {instrument.Unit} {value.ToString(null, CultureInfo.InvariantCulture)} {string.Join(' ', sorted)}");
    }
}
