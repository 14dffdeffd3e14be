namespace ConsistentMadvise;

/// <summary>The outcome of one range of a plan.</summary>
/// <param name="Range">The range, as planned.</param>
/// <param name="Status">What happened to it.</param>
/// <param name="BytesAdvised">Bytes that the kernel reported as advised. A lower bound if <paramref name="Status"/> is <see cref="RangeStatus.Incomplete"/>.</param>
/// <param name="Errno">The kernel's error number, 0 when there was none: errno(3).</param>
public readonly record struct RangeOutcome(AddressRange Range, RangeStatus Status, ulong BytesAdvised, int Errno)
{
    /// <summary>Gets the range, as planned.</summary>
    public AddressRange Range { get; } = Range;

    /// <summary>Gets what happened to it.</summary>
    public RangeStatus Status { get; } = Status;

    /// <summary>Gets the bytes that the kernel reported as advised. A lower bound if the status is <see cref="RangeStatus.Incomplete"/>.</summary>
    public ulong BytesAdvised { get; } = BytesAdvised;

    /// <summary>Gets the kernel's error number, 0 when there was none: errno(3).</summary>
    public int Errno { get; } = Errno;
}
