using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace ConsistentMadvise.KernelTests;

/// <summary>A race target that offers memory and puts canaries in its place, and the plans that are honest about it: of memory that is offered, as it was captured.</summary>
internal sealed class CanaryTarget : IDisposable
{
    public const int Slots = 8;
    public const int PagesPerSlot = 4;

    // As the target's CanaryBoard describes it.
    private const int FirstRecord = 8;
    private const int MostRecords = 32;
    private const int FirstSlot = 256;
    private const long CanaryOrChanging = 3;
    private const long Changing = 2;
    private const long GenerationUnit = 4;

    private readonly string _board = Path.GetTempFileName();
    private readonly string _file = Path.GetTempFileName();
    private readonly MemoryMappedFile _mapped;
    private readonly MemoryMappedViewAccessor _words;
    private readonly ulong _first;
    private readonly ulong _stride;
    private readonly List<AddressRange> _ranges = new(Slots);

    /// <summary>Starts the target.</summary>
    /// <param name="memory">What it offers.</param>
    /// <param name="isSameLine">Whether a canary has the line of maps that was there before, which no text shows: for <see cref="LayoutMatch.Sequence"/> alone.</param>
    /// <param name="pause">How long it waits between two changes, in the mean.</param>
    /// <param name="seed">Gives the order of the changes.</param>
    /// <param name="changes">After how many of them it rests; 0 for never.</param>
    public CanaryTarget(CanaryMemory memory, bool isSameLine, TimeSpan pause, int seed, int changes = 0)
    {
        DiskFile.Write(_board, Environment.SystemPageSize);
        DiskFile.Write(_file, Slots * PagesPerSlot * Environment.SystemPageSize);
        DiskFile.Write(_file + ".canary", Slots * PagesPerSlot * Environment.SystemPageSize);
        _mapped = MemoryMappedFile.CreateFromFile(_board, FileMode.Open);
        _words = _mapped.CreateViewAccessor();
        Process = RaceTargetProcess.Start();
        Cgroup = new TestCgroup(Process.Pid);
        string what = memory == CanaryMemory.Anonymous ? "anonymous" : _file;
        string line = isSameLine ? "same" : "other";
        string[] values = Process.Send(string.Create(
            CultureInfo.InvariantCulture, $"canary {_board} {Slots} {PagesPerSlot} {what} {line} {(long)pause.TotalNanoseconds} {seed} {changes}"));
        _first = ulong.Parse(values[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _stride = ulong.Parse(values[1], CultureInfo.InvariantCulture);
        Target = ProcessTarget.Open(Process.Pid);
    }

    public RaceTargetProcess Process { get; }

    public TestCgroup Cgroup { get; }

    public ProcessTarget Target { get; }

    /// <summary>How many changes it has made.</summary>
    public long Operations => _words.ReadInt64(0);

    /// <summary>How many canary pages it has looked at before it took them away.</summary>
    public long Looked => _words.ReadInt64(8);

    /// <summary>How many of these were gone: hinted by mistake.</summary>
    public long MisHints => _words.ReadInt64(16);

    /// <summary>Where the slots are, whatever is in them.</summary>
    public IEnumerable<AddressRange> AllSlots => Enumerable.Range(0, Slots).Select(Slot);

    /// <summary>How often each slot was changed.</summary>
    public string GenerationsAsText()
    {
        long[] slots = new long[Slots];
        ReadSlots(slots);
        return string.Join(' ', slots.Select(static slot => slot / GenerationUnit));
    }

    /// <summary>The last mis-hinted canaries, in words.</summary>
    public IEnumerable<string> Records()
    {
        long count = _words.ReadInt64(3 * sizeof(long));
        for (long i = Math.Max(0, count - MostRecords); i < count; i++)
        {
            long at = (FirstRecord + (i % MostRecords * 4)) * sizeof(long);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"operation {_words.ReadInt64(at)}, slot {_words.ReadInt64(at + 8)}, generation {_words.ReadInt64(at + 16)}, at {_words.ReadInt64(at + 24)} ns");
        }
    }

    /// <summary>Captures the layout and plans to page out what was offered before and after that; null when nothing was.</summary>
    public HintPlan? TryPlan()
    {
        Span<long> before = stackalloc long[Slots];
        ReadSlots(before);
        LayoutSnapshot layout = Target.Capture();
        Span<long> after = stackalloc long[Slots];
        ReadSlots(after);
        _ranges.Clear();
        for (int slot = 0; slot < Slots; slot++)
        {
            if (before[slot] == after[slot] && (before[slot] & CanaryOrChanging) == 0)
            {
                _ranges.Add(Slot(slot));
            }
        }

        return _ranges.Count != 0 && HintPlan.TryCreate(layout, Advice.PageOut, _ranges, out HintPlan? plan, out _) ? plan : null;
    }

    /// <summary>Returns what holds once every slot was changed after now: then each canary that is there now was looked at.</summary>
    public Func<bool> HaveAllSlotsChanged()
    {
        long[] then = new long[Slots];
        ReadSlots(then);
        return () =>
        {
            Span<long> now = stackalloc long[Slots];
            ReadSlots(now);
            for (int slot = 0; slot < Slots; slot++)
            {
                if (now[slot] / GenerationUnit <= (then[slot] / GenerationUnit) + ((then[slot] & Changing) / Changing))
                {
                    return false;
                }
            }

            return true;
        };
    }

    /// <summary>Waits until every slot was changed once more.</summary>
    public void AwaitChanges() => Eventually.Holds(HaveAllSlotsChanged(), "every slot was changed once more");

    /// <summary>Stops the changes: what is on the board then is final.</summary>
    public void Stop() => Process.Send("canary stop");

    public void Dispose()
    {
        Target.Dispose();
        Process.Dispose();
        Cgroup.Dispose();
        _words.Dispose();
        _mapped.Dispose();
        File.Delete(_board);
        File.Delete(_file);
        File.Delete(_file + ".canary");
    }

    private AddressRange Slot(int slot)
    {
        ulong start = _first + ((ulong)slot * _stride);
        return new AddressRange(start, start + (ulong)(PagesPerSlot * Environment.SystemPageSize));
    }

    private void ReadSlots(Span<long> slots)
    {
        Thread.MemoryBarrier();
        for (int slot = 0; slot < Slots; slot++)
        {
            slots[slot] = _words.ReadInt64((FirstSlot + slot) * sizeof(long));
        }

        Thread.MemoryBarrier();
    }
}
