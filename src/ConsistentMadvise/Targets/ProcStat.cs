using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The fields of <c>/proc/PID/stat</c> that the library needs (proc_pid_stat(5)).</summary>
internal readonly record struct ProcStat(char State, int ParentPid, uint Flags, int Threads, ulong StartTime, int Group = 0, bool HasTerminal = false)
{
    public bool IsKernelThread => (Flags & KernelInternal.PF_KTHREAD) != 0;

    /// <summary>Exiting: it runs no more user code.</summary>
    public bool IsExiting => (Flags & KernelInternal.PF_EXITING) != 0;

    /// <summary>Exited and not reaped; if other threads live, only the thread-group leader has exited.</summary>
    public bool IsZombie => State is 'Z' or 'X';

    public bool IsStopped => State is 'T' or 't';

    /// <summary>Parses the line; the start time is converted to the initial time namespace.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out ProcStat stat)
    {
        bool isParsed = TryParse(text, out stat);
        stat = isParsed ? stat with { StartTime = TimeNamespace.ToInitial(stat.StartTime) } : stat;
        return isParsed;
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out ProcStat stat)
    {
        stat = default;

        // The name may hold parentheses and spaces; nothing after it does.
        int nameEnd = text.LastIndexOf((byte)')');
        if (nameEnd < 0 || text.Length < nameEnd + 4)
        {
            return false;
        }

        char state = (char)text[nameEnd + 2];
        ReadOnlySpan<byte> rest = text[(nameEnd + 4)..];
        bool hasTerminal = false;
        ulong parent = 0, group = 0, flags = 0, threads = 0, start = 0;
        for (int field = 4; field <= 22; field++)
        {
            ulong value = 0;
            int consumed;
            bool isNegative = rest.StartsWith("-"u8);
            if (isNegative)
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
                case 5: group = value; break;
                case 7: hasTerminal = value != 0 || isNegative; break; // a device number, printed signed
                case 9: flags = value; break;
                case 20: threads = value; break;
                case 22: start = value; break;
            }

            rest = consumed < rest.Length ? rest[(consumed + 1)..] : default;
        }

        stat = new ProcStat(state, (int)parent, (uint)flags, (int)threads, start, (int)group, hasTerminal);
        return true;
    }
}
