namespace ConsistentMadvise;

/// <summary>The sequence in a token, with what another process needs to compare it: the exec count, and when it was read.</summary>
/// <param name="Sequence">The sequence, even.</param>
/// <param name="ExecId">The exec count of the process.</param>
/// <param name="TakenAt">When it was read, in seconds of the machine's monotonic clock (<c>CLOCK_MONOTONIC</c>), which all its processes share.</param>
internal readonly record struct SequenceStamp(uint Sequence, ulong ExecId, long TakenAt)
{
    /// <summary>Whether it is recent enough to compare: the counter wraps.</summary>
    public bool IsTrusted
    {
        get
        {
            long age = Now - TakenAt;
            return age >= 0 && age <= (long)SequenceReading.TrustedFor.TotalSeconds;
        }
    }

    private static long Now => Environment.TickCount64 / 1000;

    public static SequenceStamp Of(in SequenceReading reading) => new(reading.Sequence, reading.ExecId, Now);

    /// <summary>Whether a reading shows that the address space was not write-locked since. A stamp from another process identifies the address space by exec count only.</summary>
    public bool IsUnchangedIn(in SequenceReading reading, ProcessIdentity process, AddressSpaceId space) =>
        reading.State == SequenceState.Read && !reading.IsWriting && reading.Sequence == Sequence && reading.ExecId == ExecId
        && reading.StartTime == process.StartTime && (space == AddressSpaceId.None || reading.AddressSpace == space);
}
