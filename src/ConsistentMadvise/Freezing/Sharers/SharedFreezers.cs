namespace ConsistentMadvise;

/// <summary>Creates the freezer of a target and, by policy, of the processes that share its address space.</summary>
internal static class SharedFreezers
{
    /// <summary>Creates it, or reports why there is none.</summary>
    public static MadeFreezer Create(ProcessTarget target, FreezeRequest request, SharerWatch sharers)
    {
        TransactionStop stop = sharers.FindToHold(out int[] pids);
        return !stop.IsNone ? stop
            : sharers.Policy == SharerPolicy.Freeze ? FreezerSet.Create(target, request with { SharerPids = pids })
            : Freezers.Create(target, request);
    }
}
