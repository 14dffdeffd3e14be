namespace ConsistentMadvise.RaceTarget;

/// <summary>What <see cref="Unrest"/> does.</summary>
internal enum UnrestKind
{
    Map,
    Unmap,
    Protect,
    Grow,
    Move,
    DontUnmap,
    ReplaceSame,
    ReplaceOther,
    Break,
    StackGrowth,
    Advise,
    Lock,
    Unlock,
    Memfd,
    Thread,
    Fork,
    Sharer,
    Rename,
    Signal,
    Ring,
}
