namespace ConsistentMadvise;

/// <summary>The sequence that a token carries, with what it needs to be compared in another process: which program the process was in, and when it was read.</summary>
/// <param name="Sequence">The sequence, even.</param>
/// <param name="ExecId">How often the process had executed a program.</param>
/// <param name="TakenAt">When it was read, in seconds of the machine's monotonic clock (<c>CLOCK_MONOTONIC</c>), which all its processes share.</param>
internal readonly record struct SequenceStamp(uint Sequence, ulong ExecId, long TakenAt)
{
    /// <summary>Whether it is young enough to be compared with: the counter wraps.</summary>
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

    /// <summary>Whether a reading of the process says that nobody has written to the address space since. A stamp from elsewhere knows its address space by the exec count alone.</summary>
    public bool IsUnchangedIn(in SequenceReading reading, ProcessIdentity process, AddressSpaceId space) =>
        reading.State == SequenceState.Read && !reading.IsWriting && reading.Sequence == Sequence && reading.ExecId == ExecId
        && reading.StartTime == process.StartTime && (space == AddressSpaceId.None || reading.AddressSpace == space);
}
