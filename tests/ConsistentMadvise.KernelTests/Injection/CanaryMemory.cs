namespace ConsistentMadvise.KernelTests;

/// <summary>What memory a target with canaries offers to be hinted.</summary>
public enum CanaryMemory
{
    /// <summary>Clean private pages of a file: whether they left shows without swap.</summary>
    File = 0,

    /// <summary>Written to, private and anonymous: leaves for swap.</summary>
    Anonymous,
}
