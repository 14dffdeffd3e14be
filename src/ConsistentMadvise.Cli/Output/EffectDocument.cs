namespace ConsistentMadvise.Cli;

/// <summary>The memory use of the planned ranges before and after, in bytes.</summary>
/// <param name="ResidentBefore">In memory and mapped.</param>
/// <param name="ResidentAfter">In memory and mapped.</param>
/// <param name="SwappedBefore">In swap.</param>
/// <param name="SwappedAfter">In swap.</param>
/// <param name="ExclusiveBefore">The resident memory that is mapped once; advice skips the rest.</param>
/// <param name="ExclusiveAfter">The same, after.</param>
/// <param name="HugeBefore">The resident memory in huge pages; null if the kernel does not report it.</param>
/// <param name="HugeAfter">The same, after.</param>
/// <param name="Errno">Why it was not measured (all else is invalid then); 0 if it was.</param>
internal sealed record EffectDocument(
    ulong ResidentBefore,
    ulong ResidentAfter,
    ulong SwappedBefore,
    ulong SwappedAfter,
    ulong ExclusiveBefore,
    ulong ExclusiveAfter,
    ulong? HugeBefore,
    ulong? HugeAfter,
    int Errno)
{
    public static EffectDocument? Of(HintEffect? effect) => effect is null ? null : new(
        effect.Before.ResidentBytes,
        effect.After.ResidentBytes,
        effect.Before.SwappedBytes,
        effect.After.SwappedBytes,
        effect.Before.ExclusiveBytes,
        effect.After.ExclusiveBytes,
        effect.Before.HugeBytes,
        effect.After.HugeBytes,
        effect.Errno);
}
