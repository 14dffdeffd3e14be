using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How an attempt to freeze ended, and why it did not succeed.</summary>
/// <param name="Status">The end.</param>
/// <param name="Reason">Why the target is not frozen.</param>
/// <param name="Subject">The pid or tid that the reason is about; 0 when there is none.</param>
/// <param name="Errno">The error of the kernel, where one said no.</param>
internal readonly record struct FreezeResult(FreezeStatus Status, HintReason Reason = HintReason.None, int Subject = 0, Errno Errno = default)
{
    /// <summary>Why it is this freezer that was made, in a sentence; empty when none was.</summary>
    public string Choice { get; init; } = string.Empty;

    public static FreezeResult Frozen => new(FreezeStatus.Frozen);

    public static FreezeResult TargetExited => new(FreezeStatus.TargetExited, HintReason.TargetExited);

    public static FreezeResult HeldByAnotherEngine => new(FreezeStatus.TimedOut, HintReason.HeldByAnotherEngine);

    public static FreezeResult TimedOut(int tid) => new(FreezeStatus.TimedOut, HintReason.ThreadsDidNotStop, tid);

    public static FreezeResult Refused(HintReason reason, int subject = 0, Errno errno = default) => new(FreezeStatus.Refused, reason, subject, errno);
}
