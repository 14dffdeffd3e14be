using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The kernel's layout sequence of one process, as one reading of the machine saw it.</summary>
public readonly record struct LayoutSequence
{
    internal LayoutSequence(int pid, in SequenceReading reading)
    {
        Process = new ProcessIdentity(pid, reading.StartTime, PidfdInode: 0);
        Reading = reading;
    }

    /// <summary>Gets the process: its pid and start time. The inode of its pidfd is not read, and is 0.</summary>
    public ProcessIdentity Process { get; }

    /// <summary>Gets the sequence: it moves by 2, or more, with each change of the layout, and wraps at 2^32. Odd while a change is under way.</summary>
    public uint Sequence => Reading.Sequence;

    /// <summary>Gets whether a change was under way.</summary>
    public bool IsChanging => Reading.IsWriting;

    /// <summary>Gets the number of VMAs, without <c>[vsyscall]</c>.</summary>
    public int VmaCount => Reading.VmaCount;

    internal SequenceReading Reading { get; }

    /// <summary>Returns pid, sequence and number of VMAs.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Process.Pid}: sequence {Sequence}, {VmaCount} VMAs");
}
