namespace ConsistentMadvise.KernelTests;

/// <summary>Tests that leave a target frozen for a recovery. They run alone: any engine that another test starts would recover it first.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class RecoveryAlone
{
    public const string Name = "recovery";
}
