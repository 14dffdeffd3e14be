namespace ConsistentMadvise.KernelTests;

/// <summary>What a trace says about every hint in it. Hints that are not decided are in no other count.</summary>
internal sealed class TraceVerdict(IReadOnlyList<HintVerdict> each, int changes, long lost)
{
    public IReadOnlyList<HintVerdict> Each { get; } = each;

    /// <summary>The calls of <c>process_madvise(2)</c> with ranges.</summary>
    public int Hints => Each.Count;

    /// <summary>Hints while which the target was inside a call that changes its layout.</summary>
    public int DuringHint { get; } = each.Count(static hint => hint.IsDecided && hint.DuringHint != 0);

    /// <summary>Hints for plans that were captured before a call of the target that began before the hint was over: mis-hints in the strictest sense.</summary>
    public int SinceCapture { get; } = each.Count(static hint => hint.IsDecided && hint.SinceCapture != 0);

    /// <summary>Those where that call had come back as well, so that its effect was there before the hint was over.</summary>
    public int BeforeReturn { get; } = each.Count(static hint => hint.IsDecided && hint.BeforeReturn != 0);

    /// <summary>Hints about which the trace is not complete.</summary>
    public int Undecided { get; } = each.Count(static hint => !hint.IsDecided);

    /// <summary>The target's calls that changed its layout, hinted or not.</summary>
    public int Changes { get; } = changes;

    /// <summary>Events that the kernel had no room for; with any, all is undecided.</summary>
    public long Lost { get; } = lost;

    public override string ToString()
    {
        string example = Each.FirstOrDefault(static hint => hint.IsDecided && hint.Example.Length != 0)?.Example is string first ? $"; first: {first}" : string.Empty;
        return $"{Hints} hints, {Changes} changes of the target: {DuringHint} during a hint, {SinceCapture} since the capture ({BeforeReturn} surely before the hint was over), "
            + $"{Undecided} undecided, {Lost} events lost{example}";
    }
}
