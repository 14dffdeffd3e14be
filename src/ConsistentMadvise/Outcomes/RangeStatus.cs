namespace ConsistentMadvise;

/// <summary>The outcome of one range of a plan.</summary>
public enum RangeStatus
{
    /// <summary>Not attempted: the transaction ended first.</summary>
    NotAttempted = 0,

    /// <summary>The kernel accepted the advice for the whole range, or for every part with a page. That is no proof that pages left memory: see process_madvise(2).</summary>
    Advised,

    /// <summary>
    /// The kernel accepted the advice for the counted bytes, and if the range has a hole (<c>ENOMEM</c>), perhaps for more; for collapse, exactly the
    /// counted huge pages were made.
    /// </summary>
    Incomplete,

    /// <summary>The kernel does not accept this advice for this kind of memory (<c>EINVAL</c>): locked, hugetlb, device memory; for collapse, memory that was never touched.</summary>
    Skipped,

    /// <summary>The kernel failed: <see cref="RangeOutcome.Errno"/> says how.</summary>
    Failed,

    /// <summary>Skipped because its VMA changed between two windows; bytes advised before are counted. Only with <see cref="LayoutMatch.Ranges"/>.</summary>
    Stale,

    /// <summary>
    /// The kernel accepted the advice without effect: each resident page is mapped more than once (by a forked process, KSM or another mapping), which <c>COLD</c> and
    /// <c>PAGEOUT</c> skip without an error. It is not counted as advised. Only with <see cref="HintOptions.MeasureEffect"/>.
    /// </summary>
    Shared,

    /// <summary>Skipped because it had no page before the first freeze: <see cref="HintOutcome.BytesEmpty"/>.</summary>
    Empty,

    /// <summary>Unknown: a call for it has not returned. Bytes advised by earlier calls are counted. See <see cref="HintReason.CallDidNotReturn"/>.</summary>
    Unconfirmed,

    /// <summary>
    /// Advised while its VMA changed: the hint may have reached memory that was not planned. Bytes are counted as the kernel counted them. Only with
    /// <see cref="HintConsistency.Optimistic"/> and <see cref="LayoutMatch.Ranges"/>, where other ranges are not affected.
    /// </summary>
    Raced,
}
