using System.IO.Hashing;

namespace ConsistentMadvise;

/// <summary>The names of a layout, each stored once; long paths also share their prefixes.</summary>
/// <remarks>
/// A maps line has no length limit, and a process may map a file in a deep directory tens of thousands of times, with others between: 1.5 MB of
/// directories made gigabytes of text. So a path longer than <see cref="Whole"/> bytes is stored as its directory, shared with its neighbours,
/// and the rest. The size grows only with the directories that the target had to create.
/// </remarks>
internal sealed class VmaNames
{
    /// <summary>A name of at most this many bytes is stored whole.</summary>
    private const int Whole = 256;

    /// <summary>An unknown directory is cut at the last slash before a multiple of this, so that others with the same prefix are cut there too.</summary>
    private const int Block = 1024;

    /// <summary>Seeds the hash: the target chooses the names, and must not be able to make them collide.</summary>
    private static readonly long Seed = Random.Shared.NextInt64();

    private readonly Stack<(int End, ulong Hash)> _missing = new();
    private byte[] _bytes = [];
    private int _byteCount;
    private Entry[] _entries = [];
    private int _count;
    private int _lastKept;
    private int[] _slots = [];
    private volatile Joined? _last;

    /// <summary>Stores a name that is not empty; returns its index.</summary>
    public int Keep(ReadOnlySpan<byte> name)
    {
        // Most repeats are neighbours: the segments of one library.
        if (_count > 0 && IsAt(_lastKept, name))
        {
            return _lastKept;
        }

        int length = name.Length, id;
        ulong hash;
        while (!TryFind(name[..length], out hash, out id))
        {
            _missing.Push((length, hash));
            length = Cut(name[..length], isFirst: _missing.Count == 1);
            if (length <= 0)
            {
                length = 0;
                id = -1;
                break;
            }
        }

        while (_missing.TryPop(out (int End, ulong Hash) part))
        {
            id = Add(id, name[length..part.End], part.End, part.Hash);
            length = part.End;
        }

        return _lastKept = id;
    }

    /// <summary>The name at an index. A name of several parts is joined at each call, except the last one asked for.</summary>
    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            ref readonly Entry entry = ref _entries[id];
            if (entry.Parent < 0)
            {
                return _bytes.AsSpan(entry.Start, entry.Length);
            }

            Joined? last = _last;
            if (last is null || last.Id != id)
            {
                _last = last = Join(id);
            }

            return last.Name;
        }
    }

    /// <summary>Where to cut an unknown name: before the last part, then where others are cut too. Zero or below: store it whole.</summary>
    private static int Cut(ReadOnlySpan<byte> name, bool isFirst) =>
        name.Length <= Whole ? 0
        : isFirst ? name.LastIndexOf((byte)'/')
        : name[..((name.Length - 1) / Block * Block)].LastIndexOf((byte)'/');

    private Joined Join(int id)
    {
        byte[] name = GC.AllocateUninitializedArray<byte>(_entries[id].End);
        for (int part = id; part >= 0; part = _entries[part].Parent)
        {
            ref readonly Entry entry = ref _entries[part];
            _bytes.AsSpan(entry.Start, entry.Length).CopyTo(name.AsSpan(entry.End - entry.Length));
        }

        return new Joined(id, name);
    }

    private bool TryFind(ReadOnlySpan<byte> name, out ulong hash, out int id)
    {
        hash = XxHash3.HashToUInt64(name, Seed);
        id = -1;
        for (int slot = (int)hash & (_slots.Length - 1); _slots.Length != 0 && (id = _slots[slot] - 1) >= 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (_entries[id].Hash == hash && IsAt(id, name))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAt(int id, ReadOnlySpan<byte> name)
    {
        if (_entries[id].End != name.Length)
        {
            return false;
        }

        for (; id >= 0; id = _entries[id].Parent)
        {
            ref readonly Entry entry = ref _entries[id];
            if (!_bytes.AsSpan(entry.Start, entry.Length).SequenceEqual(name.Slice(entry.End - entry.Length, entry.Length)))
            {
                return false;
            }
        }

        return true;
    }

    private int Add(int parent, ReadOnlySpan<byte> part, int end, ulong hash)
    {
        if (_bytes.Length - _byteCount < part.Length)
        {
            Array.Resize(ref _bytes, Grown(_bytes.Length, _byteCount + part.Length, 1024));
        }

        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Grown(_entries.Length, _count + 1, 16));
        }

        part.CopyTo(_bytes.AsSpan(_byteCount));
        _entries[_count] = new Entry(parent, _byteCount, part.Length, end, hash);
        _byteCount += part.Length;
        _count++;
        if (_slots.Length < _count * 2)
        {
            _slots = new int[Math.Max(32, _slots.Length * 2)];
            for (int id = 0; id < _count - 1; id++)
            {
                Place(id);
            }
        }

        Place(_count - 1);
        return _count - 1;
    }

    private void Place(int id)
    {
        int slot = (int)_entries[id].Hash & (_slots.Length - 1);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = id + 1;
    }

    private static int Grown(int length, int needed, int least) => Math.Max(checked(needed), Math.Max(least, (int)Math.Min(length * 2L, Array.MaxLength)));

    /// <summary>A part of a name, or a whole one.</summary>
    /// <param name="Parent">The preceding part; -1 for the first.</param>
    /// <param name="Start">The offset of its bytes.</param>
    /// <param name="Length">The number of its bytes.</param>
    /// <param name="End">The length of the name up to its end.</param>
    /// <param name="Hash">The hash of the name up to its end.</param>
    private readonly record struct Entry(int Parent, int Start, int Length, int End, ulong Hash);

    private sealed record Joined(int Id, byte[] Name);
}
