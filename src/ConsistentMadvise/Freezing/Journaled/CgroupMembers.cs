using System.Buffers.Text;

namespace ConsistentMadvise;

/// <summary>The processes that a text of <c>cgroup.procs</c> lists, in no particular order (cgroups(7)).</summary>
internal readonly ref struct CgroupMembers(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;

    public MemberEnumerator GetEnumerator() => new(_text);

    public bool Contains(int pid)
    {
        ReadOnlySpan<byte> rest = _text;
        while (TryTake(ref rest, out int member))
        {
            if (member == pid)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether there is a process other than the given one and some others. A process that the caller's pid namespace does not show is listed as 0, and counts.</summary>
    public bool HasOthers(int pid, ReadOnlySpan<int> some)
    {
        ReadOnlySpan<byte> rest = _text;
        while (TryTake(ref rest, out int member))
        {
            if (member != pid && !some.Contains(member))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out int pid)
    {
        bool isNumber = Utf8Parser.TryParse(rest, out pid, out int length);
        rest = rest[Math.Min(rest.Length, length + 1)..];
        return isNumber;
    }

    /// <summary>Enumerates the processes; 0 stands for one that the caller's pid namespace does not show.</summary>
    public ref struct MemberEnumerator(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;
        private int _current;

        public readonly int Current => _current;

        public bool MoveNext() => TryTake(ref _rest, out _current);
    }
}
