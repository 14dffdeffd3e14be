namespace ConsistentMadvise.KernelTests;

/// <summary>What this process has learned of freezers decides which is tried first: a test that rests on the order says what was learned.</summary>
internal static class LearnedCosts
{
    /// <summary>From now on the cgroup is tried before ptrace for so many threads.</summary>
    public static void MakePtraceDear(int threads)
    {
        for (int i = 0; i < 100 && FreezeCosts.Shared.Of(FreezerKind.Ptrace, threads) < FreezeCosts.Shared.Of(FreezerKind.Cgroup, threads) * 4; i++)
        {
            FreezeCosts.Shared.Add(FreezerKind.Ptrace, threads, TimeSpan.FromSeconds(1));
        }
    }
}
