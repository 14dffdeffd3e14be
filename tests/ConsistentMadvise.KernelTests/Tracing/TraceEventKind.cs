namespace ConsistentMadvise.KernelTests;

/// <summary>What a record of the trace shows.</summary>
internal enum TraceEventKind
{
    /// <summary>A thread entered a system call.</summary>
    Enter = 1,

    /// <summary>A thread came back from a system call.</summary>
    Exit,

    /// <summary>A thread made another, or a process.</summary>
    NewTask,

    /// <summary>The test wrote a line into the trace.</summary>
    Mark,
}
