namespace ConsistentMadvise.KernelTests;

/// <summary>How a cell ends: what the transaction says, and what the pages say.</summary>
internal readonly record struct CellResult(HintStatus Status, Verdict Verdict)
{
    /// <summary>Two signs, as the matrix has them.</summary>
    public string Sign => $"{Letter}{Mark}";

    private char Letter => Status switch
    {
        HintStatus.Applied => 'A',
        HintStatus.PartlyApplied => 'P',
        HintStatus.Stale => 'S',
        HintStatus.FreezeTimedOut => 'T',
        HintStatus.TargetExited => 'E',
        HintStatus.Refused => 'N',
        HintStatus.Raced => 'R',
        _ => '?',
    };

    private char Mark => Verdict switch
    {
        Verdict.LeftAlone => '-',
        Verdict.AsPlanned => '+',
        _ => '!',
    };
}
