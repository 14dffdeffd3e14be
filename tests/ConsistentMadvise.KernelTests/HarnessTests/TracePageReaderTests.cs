using System.Buffers.Binary;
using System.Text;

namespace ConsistentMadvise.KernelTests;

public sealed class TracePageReaderTests
{
    private const ushort EnterId = 174, ExitId = 173, NewTaskId = 205, MarkId = 5;

    private static readonly TracePageReader Reader = new(
    [
        new TraceEventType(EnterId, TraceEventKind.Enter, "mprotect"), new TraceEventType(ExitId, TraceEventKind.Exit, "mprotect"),
        new TraceEventType(NewTaskId, TraceEventKind.NewTask, "task_newtask"), new TraceEventType(MarkId, TraceEventKind.Mark, ""),
    ]);

    private readonly byte[] _page = new byte[4096];
    private int _end = 16;

    public TracePageReaderTests() => BinaryPrimitives.WriteUInt64LittleEndian(_page, 1000);

    [Fact]
    public void Read_CallAndReturn_AreInOrderWithTheirArguments()
    {
        Add(0, Record(EnterId, 77, 0x7fff_0000_1000, 4096, 3));
        Add(5, Record(ExitId, 77, ulong.MaxValue - 11));

        Assert.Equal(
            [
                new TraceEvent(1000, 77, TraceEventKind.Enter, "mprotect", 0x7fff_0000_1000, 4096, 3),
                new TraceEvent(1005, 77, TraceEventKind.Exit, "mprotect", ulong.MaxValue - 11),
            ],
            Read(out bool isComplete));
        Assert.True(isComplete);
    }

    [Theory]
    [InlineData(0ul, true)]
    [InlineData(0x7fff_0000_1000ul, true)]
    [InlineData(ulong.MaxValue - 4095, true)]
    [InlineData(ulong.MaxValue - 4094, false)]
    [InlineData(ulong.MaxValue, false)]
    public void HasSucceeded_ReturnValue_DistinguishesAddressesFromErrors(ulong returned, bool expected)
    {
        Add(0, Record(ExitId, 77, returned));

        Assert.Equal(expected, Assert.Single(Read(out _)).HasSucceeded);
    }

    [Fact]
    public void Read_MarkLongerThanTheShortForm_IsReadWhole()
    {
        string text = "captured " + new string('x', 200);
        byte[] record = new byte[16 + text.Length + 2];
        BinaryPrimitives.WriteUInt16LittleEndian(record, MarkId);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), 9);
        Encoding.ASCII.GetBytes(text + "\n\0", record.AsSpan(16));
        AddLong(3, record);

        Assert.Equal([new TraceEvent(1003, 9, TraceEventKind.Mark, text)], Read(out _));
    }

    [Fact]
    public void Read_NewTask_ShowsItsPidAndWhatItShares()
    {
        byte[] record = new byte[44];
        BinaryPrimitives.WriteUInt16LittleEndian(record, NewTaskId);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), 9);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), 10);
        Encoding.ASCII.GetBytes(") (\n", record.AsSpan(12));    // the name, which is the target's to choose
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(32), 0x10100);
        Add(0, record);

        Assert.Equal([new TraceEvent(1000, 9, TraceEventKind.NewTask, "task_newtask", 10, 0x10100)], Read(out _));
    }

    [Fact]
    public void Read_TimeExtendedStampedAndDiscarded_CountsOn()
    {
        AddWord(30 | (7 << 5));                 // 7 + (2 << 27)
        AddWord(2);
        Add(1, Record(ExitId, 77, 0));
        AddWord(29 | (4 << 5));                 // discarded: 8 bytes after the length
        AddWord(12);
        _end += 8;
        Add(1, Record(ExitId, 77, 0));
        AddWord(31 | (9 << 5));                 // absolute: 9 + (4 << 27)
        AddWord(4);
        Add(1, Record(ExitId, 77, 0));
        AddWord(29);                            // the rest of the page is empty
        _end += 64;

        ulong extended = 1000 + 7 + (2ul << 27);
        Assert.Equal([extended + 1, extended + 6, 10 + (4ul << 27)], Read(out _).Select(static seen => seen.Order));
    }

    [Fact]
    public void Read_KernelNotesMissedEvents_IsNotComplete()
    {
        Add(0, Record(ExitId, 77, 0));

        Assert.Single(Read(out bool isComplete, flags: 1ul << 31));
        Assert.False(isComplete);
    }

    [Fact]
    public void Read_RecordOfAnotherKindOrLongerThanThePage_IsRefused()
    {
        Add(0, Record(99, 77, 0));
        Assert.Throws<FormatException>(() => Read(out _));

        _end = 16;
        AddWord(28);
        Assert.Throws<FormatException>(() => Read(out _));
    }

    [Fact]
    public void FromFormat_FileOfTheKernel_TakesItsNumber() =>
        Assert.Equal(
            new TraceEventType(724, TraceEventKind.Enter, "process_madvise"),
            TraceEventType.FromFormat("name: sys_enter_process_madvise\nID: 724\nformat:\n\tfield:unsigned short common_type;", TraceEventKind.Enter, "process_madvise"));

    private static byte[] Record(ushort id, int thread, params ReadOnlySpan<ulong> arguments)
    {
        byte[] record = new byte[16 + (8 * arguments.Length)];
        BinaryPrimitives.WriteUInt16LittleEndian(record, id);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), thread);
        for (int i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16 + (8 * i)), arguments[i]);
        }

        return record;
    }

    private List<TraceEvent> Read(out bool isComplete, ulong flags = 0)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_page.AsSpan(8), (uint)(_end - 16) | flags);
        List<TraceEvent> events = [];
        isComplete = Reader.Read(_page, events);
        return events;
    }

    private void Add(uint delta, byte[] record)
    {
        AddWord((uint)(record.Length / 4) | (delta << 5));
        Append(record);
    }

    // Longer than 28 words: the length is a word of its own, and counts itself.
    private void AddLong(uint delta, byte[] record)
    {
        AddWord(delta << 5);
        AddWord((uint)record.Length + 4);
        Append(record);
    }

    private void AddWord(uint word)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_page.AsSpan(_end), word);
        _end += 4;
    }

    private void Append(byte[] record)
    {
        record.CopyTo(_page, _end);
        _end += record.Length;
    }
}
