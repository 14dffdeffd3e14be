namespace ConsistentMadvise.KernelTests;

/// <summary>One call of <c>process_madvise(2)</c>, and what the target did about it.</summary>
/// <param name="Plan">What the last mark of a capture named; null when there was none.</param>
/// <param name="Enter">Where the call began.</param>
/// <param name="Exit">Where it came back.</param>
/// <param name="DuringHint">Calls of the target that overlap with this call: a target that is at rest makes none.</param>
/// <param name="SinceCapture">Calls that began after the capture and before this call came back: the layout may not be the planned one.</param>
/// <param name="BeforeReturn">Those of them that had also come back by then: the layout was surely not the planned one any more.</param>
/// <param name="IsDecided">Whether the trace was complete about it; else the counts prove nothing.</param>
/// <param name="Example">One of the calls that were counted, empty when there is none.</param>
internal sealed record HintVerdict(
    string? Plan, ulong Enter, ulong Exit, int DuringHint, int SinceCapture, int BeforeReturn, bool IsDecided, string Example);
