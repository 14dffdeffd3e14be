using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>The records and names of a snapshot, during and after the read.</summary>
/// <remarks>Records are stored in blocks below the large-object threshold, so that growing copies nothing and nothing is allocated in generation 2 for its size.</remarks>
internal sealed class VmaTable
{
    private const int BlockBits = 10;
    private const int BlockLength = 1 << BlockBits;

    private VmaRecord[][] _blocks = new VmaRecord[4][];
    private VmaRecord[] _current = [];
    private int _filled;

    public int Count { get; private set; }

    public ref readonly VmaRecord this[int index] => ref _blocks[index >> BlockBits][index & (BlockLength - 1)];

    public VmaNames Names { get; } = new();

    /// <summary>The next record's slot, which counts after <see cref="Keep"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VmaRecord Next()
    {
        if (_filled == _current.Length)
        {
            AddBlock();
        }

        return ref _current[_filled];
    }

    /// <summary>Adds the record written to <see cref="Next"/>, with its name. Equal names are stored once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(ref VmaRecord record, ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty)
        {
            record.NameStart = Names.Keep(name);
            record.NameLength = name.Length;
        }

        _filled++;
        Count++;
    }

    private void AddBlock()
    {
        int index = Count >> BlockBits;
        if (index == 0 && _current.Length is > 0 and < BlockLength)
        {
            // Most layouts are small: the first block begins small and grows.
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
