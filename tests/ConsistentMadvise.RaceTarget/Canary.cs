using System.Diagnostics;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>
/// A thread that offers memory to be hinted, and again and again puts canaries in its place: other memory, touched, which no plan names. A canary page
/// that has left memory before the thread takes it away was hinted by mistake.
/// </summary>
/// <remarks>What it did is reported in memory shared with the test: <see cref="CanaryBoard"/>.</remarks>
internal sealed class Canary
{
    private const ulong Present = 1UL << 63;
    private const int MostPages = 64;

    private static Canary? s_running;

    private readonly CanaryBoard _board;
    private readonly CanaryMemory _memory;
    private readonly Schedule _schedule;
    private readonly int _pagemap;
    private readonly ulong[] _entries = new ulong[MostPages];
    private readonly WorkerThread _thread;
    private SeededNumbers _numbers;
    private int _errno;
    private bool _stop;

    private Canary(CanaryBoard board, CanaryMemory memory, int pagemap, Schedule schedule)
    {
        _board = board;
        _memory = memory;
        _pagemap = pagemap;
        _schedule = schedule;
        _numbers = new SeededNumbers(schedule.Seed);
        _thread = new WorkerThread(Run);
    }

    /// <summary>
    /// <c>canary BOARD SLOTS PAGES anonymous|PATH same|other PAUSE SEED CHANGES</c> - begins: BOARD is a file that the test maps too, a slot has PAGES pages of
    /// private memory, anonymous or of the file PATH; a canary has the line of maps that was there before (<c>same</c>: ABA) or another one (<c>other</c>: of
    /// PATH.canary, or executable); PAUSE nanoseconds lie between two operations, in the mean; after CHANGES it rests, 0 for never. Answers the address of the first slot and the bytes from one to the next.
    /// <c>canary stop</c> - answers operations, canary pages looked at, and mis-hints.
    /// </summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("stop"u8))
        {
            Stop(reply);
            return;
        }

        ReadOnlySpan<byte> board = arguments.Word();
        int slots = arguments.Count();
        int pages = arguments.Count();
        ReadOnlySpan<byte> file = arguments.Takes("anonymous"u8) ? [] : arguments.Word();
        bool isSame = arguments.Takes("same"u8);
        if (!isSame && !arguments.Takes("other"u8))
        {
            reply.Error(LibC.EINVAL, "usage"u8);
            return;
        }

        long pause = arguments.Number();
        long seed = arguments.Number();
        long changes = arguments.Number();
        if (arguments.Accepted(reply))
        {
            if (s_running is not null || slots > CanaryBoard.MostSlots || pages > MostPages || pause < 0)
            {
                reply.Error(s_running is null ? LibC.EINVAL : LibC.EBUSY, "canary"u8);
                return;
            }

            Start(board, slots, pages, file, isSame, new Schedule(pause, (ulong)seed, changes == 0 ? long.MaxValue : changes), reply);
        }
    }

    private static void Start(ReadOnlySpan<byte> boardFile, int slots, int pages, ReadOnlySpan<byte> file, bool isSame, Schedule schedule, Reply reply)
    {
        int pagemap = -1;
        int errno = CanaryBoard.Open(boardFile, out CanaryBoard? board);
        errno = errno != 0 ? errno : Native.Open("/proc/self/pagemap\0"u8, LibC.O_RDONLY, out pagemap);
        CanaryMemory? memory = null;
        errno = errno != 0 ? errno : CanaryMemory.Open(slots, pages, file, isSame, out memory);
        if (errno != 0)
        {
            reply.Error(errno, "canary"u8);
            return;
        }

        s_running = new Canary(board!, memory!, pagemap, schedule);
        for (int slot = 0; slot < slots && errno == 0; slot++)
        {
            errno = s_running.Put(slot, isCanary: false);
        }

        s_running._errno = errno;
        s_running._thread.Start();
        reply.Ok().Address(memory!.First).Number((long)memory.Stride);
    }

    private static void Stop(Reply reply)
    {
        if (s_running is not { } canary)
        {
            reply.Error(LibC.EINVAL, "canary"u8);
            return;
        }

        Volatile.Write(ref canary._stop, true);
        canary._thread.Join();
        s_running = null;
        int errno = canary._errno;
        int left = canary._memory.Close();
        _ = Native.Close(canary._pagemap);
        errno = errno != 0 ? errno : left;
        (long operations, long looked, long misHints) = canary._board.Totals;
        errno = errno != 0 ? errno : canary._board.Close();
        if (errno != 0)
        {
            reply.Error(errno, "canary"u8);
            return;
        }

        reply.Ok().Number(operations).Number(looked).Number(misHints);
    }

    private void Run()
    {
        long changes = 0;
        while (!Volatile.Read(ref _stop) && _errno == 0)
        {
            if (changes == _schedule.Changes)
            {
                Native.Sleep(100_000);
                continue;
            }

            changes++;
            int slot = (int)(_numbers.Next() % (ulong)_memory.Slots);
            bool isCanary = _board.IsCanary(slot);
            _errno = isCanary ? Look(slot) : 0;
            _errno = _errno != 0 ? _errno : Put(slot, !isCanary);
            if (_schedule.PauseNanoseconds != 0)
            {
                Native.Sleep((long)(_numbers.Next() % (ulong)(2 * _schedule.PauseNanoseconds)));
            }
        }

        for (int slot = 0; slot < _memory.Slots && _errno == 0; slot++)
        {
            _errno = _board.IsCanary(slot) ? Look(slot) : 0;
        }
    }

    private int Put(int slot, bool isCanary)
    {
        _board.BeginChange(slot);
        int errno = _memory.Map(slot, isCanary);
        _board.EndChange(slot, isCanary);
        return errno;
    }

    /// <summary>Looks whether the pages of a canary still are where they were put.</summary>
    private int Look(int slot)
    {
        Span<ulong> entries = _entries.AsSpan(0, _memory.Pages);
        int errno = Native.ReadAt(_pagemap, MemoryMarshal.AsBytes(entries), _memory.Address(slot) / Native.PageSize * sizeof(ulong), out int count);
        if (errno != 0 || count != entries.Length * sizeof(ulong))
        {
            return errno != 0 ? errno : LibC.EIO;
        }

        int gone = 0;
        foreach (ulong entry in entries)
        {
            gone += (entry & Present) == 0 ? 1 : 0;
        }

        _board.Looked(slot, entries.Length, gone, Stopwatch.GetTimestamp());
        return 0;
    }

    private readonly record struct Schedule(long PauseNanoseconds, ulong Seed, long Changes);
}
