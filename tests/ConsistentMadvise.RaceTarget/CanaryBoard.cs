using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>What a target with canaries reports to the test, in a file that both have mapped: 64-bit words.</summary>
/// <remarks>
/// Word 0: operations; 1: canary pages looked at; 2: canary pages that were gone; 3: canaries of which a page was gone. From word 8: the last 32 of these
/// canaries, by (operation, slot, generation, time in nanoseconds of the monotonic clock). From word 256: for each slot its generation times 4, plus 1 while
/// it holds a canary, plus 2 while it is being changed.
/// </remarks>
internal sealed unsafe class CanaryBoard
{
    public const int MostSlots = 256;

    private const ulong Bytes = 4096;
    private const int FirstRecord = 8;
    private const int Records = 32;
    private const int FirstSlot = 256;
    private const long CanaryBit = 1;
    private const long ChangingBit = 2;
    private const long Generation = 4;

    private readonly long* _words;

    private CanaryBoard(ulong address) => _words = (long*)address;

    public (long Operations, long Looked, long MisHints) Totals => (_words[0], _words[1], _words[2]);

    public static int Open(ReadOnlySpan<byte> path, out CanaryBoard? board)
    {
        board = null;
        Span<byte> name = stackalloc byte[path.Length + 1];
        path.CopyTo(name);
        name[^1] = 0;
        int errno = Native.Open(name, LibC.O_RDWR, out int file);
        if (errno != 0)
        {
            return errno;
        }

        errno = Slots.Map(Bytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, file, out ulong address);
        _ = Native.Close(file);
        board = errno == 0 ? new CanaryBoard(address) : null;
        return errno;
    }

    public int Close() => Native.Unmap((ulong)_words, Bytes);

    public bool IsCanary(int slot) => (_words[FirstSlot + slot] & CanaryBit) != 0;

    public void BeginChange(int slot) => Interlocked.Or(ref _words[FirstSlot + slot], ChangingBit);

    public void EndChange(int slot, bool isCanary)
    {
        long generation = (_words[FirstSlot + slot] / Generation) + 1;
        Volatile.Write(ref _words[FirstSlot + slot], (generation * Generation) + (isCanary ? CanaryBit : 0));
        Volatile.Write(ref _words[0], _words[0] + 1);
    }

    public void Looked(int slot, int pages, int gone, long time)
    {
        Volatile.Write(ref _words[1], _words[1] + pages);
        if (gone == 0)
        {
            return;
        }

        long* record = _words + FirstRecord + (_words[3] % Records * 4);
        (record[0], record[1], record[2], record[3]) = (_words[0], slot, _words[FirstSlot + slot] / Generation, time);
        Volatile.Write(ref _words[3], _words[3] + 1);
        Volatile.Write(ref _words[2], _words[2] + gone);
    }
}
