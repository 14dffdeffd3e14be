using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace ConsistentMadvise.KernelTests;

/// <summary>The lines of a pipe, read by a thread of their own: a read of a pipe has no time limit.</summary>
internal sealed class LineQueue : IDisposable
{
    private readonly BlockingCollection<string> _lines = [];
    private readonly StreamReader _reader;
    private readonly Thread _thread;

    public LineQueue(StreamReader reader)
    {
        _reader = reader;
        _thread = new Thread(ReadAll, maxStackSize: 256 << 10) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The next line; false when there is none in time, or none any more.</summary>
    public bool TryTake(TimeSpan patience, [NotNullWhen(true)] out string? line) => _lines.TryTake(out line, patience);

    /// <summary>All lines that have come so far and were not taken.</summary>
    public string Drain()
    {
        List<string> drained = [];
        while (_lines.TryTake(out string? line))
        {
            drained.Add(line);
        }

        return string.Join('\n', drained);
    }

    /// <summary>Waits for the end of the pipe, whose writers must have exited.</summary>
    public void Dispose()
    {
        Assert.True(_thread.Join(Eventually.Patience), "something still holds the output of an ended target");
        _reader.Dispose();
        _lines.Dispose();
    }

    private void ReadAll()
    {
        while (_reader.ReadLine() is string line)
        {
            _lines.Add(line);
        }

        _lines.CompleteAdding();
    }
}
