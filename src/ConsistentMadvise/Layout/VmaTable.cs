using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>Records and names of a snapshot while it is being read, and after.</summary>
/// <remarks>Records are kept in blocks below the large-object threshold, so that growing copies nothing and nothing survives into generation 2 for its size.</remarks>
internal sealed class VmaTable
{
    private const int BlockBits = 10;
    private const int BlockLength = 1 << BlockBits;

    private VmaRecord[][] _blocks = new VmaRecord[4][];
    private VmaRecord[] _current = [];
    private int _filled;
    private byte[] _names = [];
    private int _nameBytes;

    public int Count { get; private set; }

    public ref readonly VmaRecord this[int index] => ref _blocks[index >> BlockBits][index & (BlockLength - 1)];

    public byte[] Names => _names;

    /// <summary>The next record's place. It counts once <see cref="Keep"/> was called.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VmaRecord Next()
    {
        if (_filled == _current.Length)
        {
            AddBlock();
        }

        return ref _current[_filled];
    }

    /// <summary>Keeps the record written to <see cref="Next"/>, with its name. Equal neighbours, as the parts of one library are, share a name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(ref VmaRecord record, ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty)
        {
            record.NameStart = KeepName(name);
            record.NameLength = name.Length;
        }

        _filled++;
        Count++;
    }

    private int KeepName(ReadOnlySpan<byte> name)
    {
        if (_nameBytes >= name.Length && _names.AsSpan(_nameBytes - name.Length, name.Length).SequenceEqual(name))
        {
            return _nameBytes - name.Length;
        }

        if (_names.Length - _nameBytes < name.Length)
        {
            Array.Resize(ref _names, Math.Max(_nameBytes + name.Length, Math.Max(1024, _names.Length * 2)));
        }

        int start = _nameBytes;
        name.CopyTo(_names.AsSpan(start));
        _nameBytes += name.Length;
        return start;
    }

    private void AddBlock()
    {
        int index = Count >> BlockBits;
        if (index == 0 && _current.Length is > 0 and < BlockLength)
        {
            // Small layouts are the most: the first block begins small and grows.
            Array.Resize(ref _current, Math.Min(BlockLength, _current.Length * 4));
            _blocks[0] = _current;
            return;
        }

        if (index == _blocks.Length)
        {
            Array.Resize(ref _blocks, index * 2);
        }

        _current = new VmaRecord[index == 0 ? 64 : BlockLength];
        _blocks[index] = _current;
        _filled = 0;
    }
}
