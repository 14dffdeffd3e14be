using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The kernel's layout sequence of one process, in one reading of the machine.</summary>
public readonly record struct LayoutSequence
{
    internal LayoutSequence(int pid, in SequenceReading reading)
    {
        Process = new ProcessIdentity(pid, reading.StartTime, PidfdInode: 0);
        Reading = reading;
    }

    /// <summary>Gets the process: its pid and start time. The inode of its pidfd is not read, and is 0.</summary>
    public ProcessIdentity Process { get; }

    /// <summary>Gets the sequence: each layout change moves it by 2 or more; it wraps at 2^32. Odd while a change is in progress.</summary>
    public uint Sequence => Reading.Sequence;

    /// <summary>Gets whether a change was in progress.</summary>
    public bool IsChanging => Reading.IsWriting;

    /// <summary>Gets the number of VMAs, without <c>[vsyscall]</c>.</summary>
    public int VmaCount => Reading.VmaCount;

    internal SequenceReading Reading { get; }

    /// <summary>Returns pid, sequence and number of VMAs.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Process.Pid}: sequence {Sequence}, {VmaCount} VMAs");
}
