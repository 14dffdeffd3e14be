using System.Buffers.Binary;
using System.Text;

namespace ConsistentMadvise.KernelTests;

/// <summary>Reads pages of the kernel's ring buffer, as <c>trace_pipe_raw</c> gives them. Pure: bytes in, events out.</summary>
/// <remarks>
/// Binary, since the text names threads by their <c>comm</c>, which the target may choose with line ends in it. The formats are those of
/// <c>events/header_page</c> and <c>events/header_event</c> of 64-bit kernels (kernel/trace/ring_buffer.c, include/linux/trace_events.h).
/// </remarks>
internal sealed class TracePageReader(IEnumerable<TraceEventType> types)
{
    private const int DataOffset = 16;
    private const ulong LengthMask = (1UL << 27) - 1;
    private const ulong MissedEvents = 1UL << 31;
    private const int LongestData = 28;     // in words of 4 bytes
    private const int Padding = 29;
    private const int TimeExtend = 30;
    private const int TimeStamp = 31;
    private const ulong StampMask = (1UL << 59) - 1;

    private readonly Dictionary<ushort, TraceEventType> _types = types.ToDictionary(static type => type.Id);

    /// <summary>Adds the events of one page.</summary>
    /// <returns>False when the kernel notes that events before this page were lost.</returns>
    /// <exception cref="FormatException">The page is not what the kernel writes.</exception>
    public bool Read(ReadOnlySpan<byte> page, ICollection<TraceEvent> events)
    {
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(page);
        ulong commit = BinaryPrimitives.ReadUInt64LittleEndian(page[8..]);
        ReadOnlySpan<byte> rest = page.Slice(DataOffset, checked((int)(commit & LengthMask)));
        while (rest.Length >= 4)
        {
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            int type = (int)(header & 0x1f);
            ulong delta = header >> 5;
            ReadOnlySpan<byte> record;
            switch (type)
            {
                case Padding when delta == 0:
                    return (commit & MissedEvents) == 0;    // nothing after it on this page
                case Padding:
                    time += delta;
                    record = Take(ref rest, 4, (int)Word(rest, 4));
                    continue;   // discarded
                case TimeExtend:
                    time += delta | ((ulong)Word(rest, 4) << 27);
                    Take(ref rest, 4, 4);
                    continue;
                case TimeStamp:
                    time = (time & ~StampMask) | delta | ((ulong)Word(rest, 4) << 27);
                    Take(ref rest, 4, 4);
                    continue;
                case 0:
                    time += delta;
                    record = Take(ref rest, 4, (int)Word(rest, 4))[4..];
                    break;
                default:
                    time += delta;
                    record = Take(ref rest, 4, Math.Min(type, LongestData) * 4);
                    break;
            }

            Add(record, time, events);
        }

        return (commit & MissedEvents) == 0;
    }

    private void Add(ReadOnlySpan<byte> record, ulong time, ICollection<TraceEvent> events)
    {
        if (record.Length < 8 || !_types.TryGetValue(BinaryPrimitives.ReadUInt16LittleEndian(record), out TraceEventType type))
        {
            throw new FormatException($"a record of {record.Length} bytes that was not requested");
        }

        int thread = BinaryPrimitives.ReadInt32LittleEndian(record[4..]);
        events.Add(type.Kind switch
        {
            // struct syscall_trace_enter, struct syscall_trace_exit: arguments of 8 bytes each from 16 on
            TraceEventKind.Enter => new TraceEvent(time, thread, type.Kind, type.Name, Argument(record, 0), Argument(record, 1), Argument(record, 2)),
            TraceEventKind.Exit => new TraceEvent(time, thread, type.Kind, type.Name, Argument(record, 0)),
            TraceEventKind.NewTask => new TraceEvent(time, thread, type.Kind, type.Name, Word(record, 8), NewTaskFlags(record)),
            _ => new TraceEvent(time, thread, type.Kind, MarkText(record)),
        });
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, int header, int length)
    {
        if (length < 0 || header + length > rest.Length)
        {
            throw new FormatException($"a record of {length} bytes where {rest.Length} are left");
        }

        ReadOnlySpan<byte> record = rest.Slice(header, length);
        rest = rest[(header + length)..];
        return record;
    }

    private static uint Word(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(record[offset..]);

    private static ulong Argument(ReadOnlySpan<byte> record, int index) =>
        record.Length >= 24 + (8 * index) ? BinaryPrimitives.ReadUInt64LittleEndian(record[(16 + (8 * index))..]) : 0;

    // task_newtask: pid at 8, comm[16] at 12, clone_flags at 32
    private static ulong NewTaskFlags(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64LittleEndian(record[32..]);

    // ftrace/print: the text from 16 on, with a line end and a zero
    private static string MarkText(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> text = record[16..];
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]).TrimEnd('\n');
    }
}
