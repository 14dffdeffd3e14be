namespace ConsistentMadvise.KernelTests;

/// <summary>Tests that use up what the whole process shares, such as its idle threads. They run alone: another test would give some of it back.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class ProcessAlone
{
    public const string Name = "process";
}
