namespace ConsistentMadvise.KernelTests;

/// <summary>What the target does of its own accord.</summary>
internal sealed partial class RaceTargetProcess
{
    /// <summary>Starts to do all that changes a layout, in the order of the seed; 0 operations a second means as many as it can. Returns where it works.</summary>
    public (ulong Arena, int Pages) StartUnrest(int operationsPerSecond, int seed)
    {
        string[] values = Send($"unrest {operationsPerSecond} {seed}");
        return (Address(values[0]), (int)Number(values[1]));
    }

    /// <summary>The same, but returns after so many operations, when it rests. Equal seeds make equal arenas, in other targets too.</summary>
    public (ulong Arena, int Pages) UnrestOnce(int operations, int seed)
    {
        string[] values = Send($"unrest 0 {seed} {operations}");
        return (Address(values[0]), (int)Number(values[1]));
    }

    /// <summary>Ends it, and puts everything back; returns how many operations there were, and what stands for their order.</summary>
    public (long Operations, string Order) StopUnrest()
    {
        string[] values = Send("unrest stop");
        return (Number(values[0]), values[1]);
    }
}
