using System.Buffers.Text;

namespace ConsistentMadvise;

/// <summary>What the library needs of <c>/proc/PID/stat</c> (proc_pid_stat(5)).</summary>
internal readonly record struct ProcStat(char State, int ParentPid, uint Flags, int Threads, ulong StartTime)
{
    // include/linux/sched.h
    private const uint PF_EXITING = 0x0000_0004;
    private const uint PF_KTHREAD = 0x0020_0000;

    public bool IsKernelThread => (Flags & PF_KTHREAD) != 0;

    /// <summary>On its way out: it will run no more code of the program.</summary>
    public bool IsExiting => (Flags & PF_EXITING) != 0;

    /// <summary>Ended and not collected; with other threads alive it is only the main thread that ended.</summary>
    public bool IsZombie => State is 'Z' or 'X';

    public bool IsStopped => State is 'T' or 't';

    public static bool TryParse(ReadOnlySpan<byte> text, out ProcStat stat)
    {
        stat = default;

        // The name may hold parentheses and spaces; nothing behind it does.
        int nameEnd = text.LastIndexOf((byte)')');
        if (nameEnd < 0 || text.Length < nameEnd + 4)
        {
            return false;
        }

        char state = (char)text[nameEnd + 2];
        ReadOnlySpan<byte> rest = text[(nameEnd + 4)..];
        ulong parent = 0, flags = 0, threads = 0, start = 0;
        for (int field = 4; field <= 22; field++)
        {
            ulong value = 0;
            int consumed;
            if (rest.StartsWith("-"u8))
            {
                if (!Utf8Parser.TryParse(rest, out long _, out consumed))
                {
                    return false;
                }
            }
            else if (!Utf8Parser.TryParse(rest, out value, out consumed))
            {
                return false;
            }

            switch (field)
            {
                case 4: parent = value; break;
                case 9: flags = value; break;
                case 20: threads = value; break;
                case 22: start = value; break;
            }

            rest = consumed < rest.Length ? rest[(consumed + 1)..] : default;
        }

        stat = new ProcStat(state, (int)parent, (uint)flags, (int)threads, start);
        return true;
    }
}
