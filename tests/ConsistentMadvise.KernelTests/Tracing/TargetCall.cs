namespace ConsistentMadvise.KernelTests;

/// <summary>A call that changed the layout of the target, or may have: its effect lies between its two ends.</summary>
/// <param name="Name">The system call.</param>
/// <param name="Enter">Where it began; zero when it was under way as the trace began.</param>
/// <param name="Exit">Where it came back; <see cref="ulong.MaxValue"/> when it had not yet as the trace ended.</param>
internal readonly record struct TargetCall(string Name, ulong Enter, ulong Exit)
{
    public bool HasReturned => Exit != ulong.MaxValue;

    public bool Overlaps(ulong start, ulong end) => Enter < end && Exit > start;
}
