namespace ConsistentMadvise;

/// <summary>What became of one range of a plan.</summary>
public enum RangeStatus
{
    /// <summary>The transaction ended before the range's turn.</summary>
    NotAttempted = 0,

    /// <summary>The kernel took the advice for the whole range. That is not proof that pages left: see process_madvise(2).</summary>
    Advised,

    /// <summary>The kernel took the advice for what is counted, and perhaps for more: a hole (<c>ENOMEM</c>), or no huge page to be had.</summary>
    Incomplete,

    /// <summary>The kernel does not take this advice for this kind of memory (<c>EINVAL</c>): locked, huge pages, device memory.</summary>
    Skipped,

    /// <summary>The kernel failed: <see cref="RangeOutcome.Errno"/> says how.</summary>
    Failed,

    /// <summary>Between two windows its VMA changed, so that it was passed over; what was advised of it before is counted. Only with <see cref="LayoutMatch.Ranges"/>.</summary>
    Stale,
}
