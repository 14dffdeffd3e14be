namespace ConsistentMadvise.KernelTests;

/// <summary>What the pages say that a transaction did, whatever it says itself.</summary>
internal enum Verdict
{
    /// <summary>No page left.</summary>
    LeftAlone = 0,

    /// <summary>The planned memory was hinted, and nothing else.</summary>
    AsPlanned,

    /// <summary>Memory was hinted that was put in the planned place, or changed there, after the plan was made.</summary>
    OtherMemory,
}
