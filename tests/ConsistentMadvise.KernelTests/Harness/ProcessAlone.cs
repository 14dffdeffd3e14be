namespace ConsistentMadvise.KernelTests;

/// <summary>Tests that use up or set what the whole process or machine shares, such as idle threads. They run alone: another test would give some of it back, or meet what it does not expect.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class ProcessAlone
{
    public const string Name = "process";
}
