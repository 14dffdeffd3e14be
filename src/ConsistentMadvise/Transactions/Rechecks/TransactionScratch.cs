using Tmds.Linux;

namespace ConsistentMadvise;

/// <summary>What a transaction leaves to the next: mostly large buffers that are pinned for its system calls. Before, 119 KB of garbage per transaction, most of it pinned, made nearly every collection a full one.</summary>
internal sealed class TransactionScratch
{
    private const int TextBytes = 64 * 1024;

    /// <summary>A longer text buffer, grown for one long line, is not kept.</summary>
    private const int MaxKeptTextBytes = 1024 * 1024;

    private static readonly ScratchPool<TransactionScratch> Pool = new();

    /// <summary>The vector of one call of <c>process_madvise(2)</c>.</summary>
    public iovec[] Vector { get; } = GC.AllocateArray<iovec>(BatchCutter.MaxRanges, pinned: true);

    /// <summary>Hashes the text of maps.</summary>
    public MapsHasher Hasher { get; } = new();

    /// <summary>Room for one name.</summary>
    public byte[] Name { get; } = GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>Room for text of maps.</summary>
    public byte[] Text { get; private set; } = GC.AllocateUninitializedArray<byte>(TextBytes, pinned: true);

    /// <summary>Doubles <see cref="Text"/>, and keeps its beginning: the length of a line has no bound.</summary>
    public void GrowText(int kept)
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>(Text.Length * 2, pinned: true);
        Text.AsSpan(0, kept).CopyTo(larger);
        Text = larger;
    }

    public static TransactionScratch Rent() => Pool.Rent();

    /// <summary>Returns the buffers for the next transaction; only if all calls have returned.</summary>
    public void Return()
    {
        if (Text.Length <= MaxKeptTextBytes)
        {
            Pool.Return(this);
        }
    }
}
