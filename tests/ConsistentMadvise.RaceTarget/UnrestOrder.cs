namespace ConsistentMadvise.RaceTarget;

/// <summary>The order of what <see cref="Unrest"/> does: kinds by weight and numbers to vary them, which the seed alone decides.</summary>
internal sealed class UnrestOrder(ulong seed)
{
    // By UnrestKind. Threads, children and rings take a hundred times as long as a mapping.
    private static readonly byte[] Weights = [12, 10, 10, 6, 6, 4, 8, 8, 4, 4, 8, 3, 3, 4, 2, 2, 3, 2, 4, 3];
    private static readonly int Total = Sum(Weights);

    private SeededNumbers _numbers = new(seed);

    /// <summary>Stands for every kind so far and its place in the order (FNV-1a).</summary>
    public ulong Hash { get; private set; } = 0xCBF2_9CE4_8422_2325;

    /// <summary>What is done next.</summary>
    public UnrestKind Next()
    {
        int rest = Number(Total);
        int kind = 0;
        while (rest >= Weights[kind])
        {
            rest -= Weights[kind++];
        }

        Hash = (Hash ^ (ulong)kind) * 0x0000_0100_0000_01B3;
        return (UnrestKind)kind;
    }

    /// <summary>From zero to below <paramref name="limit"/>.</summary>
    public int Number(int limit) => (int)((_numbers.Next() >> 11) % (ulong)limit);

    private static int Sum(ReadOnlySpan<byte> weights)
    {
        int sum = 0;
        foreach (byte weight in weights)
        {
            sum += weight;
        }

        return sum;
    }
}
