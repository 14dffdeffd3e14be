namespace ConsistentMadvise.Interop;

/// <summary>The scheduling attributes of a thread: <c>struct sched_attr</c>, linux/sched/types.h, with utilisation clamps (Linux 5.3).</summary>
internal struct sched_attr
{
    public uint size;
    public uint sched_policy;
    public ulong sched_flags;
    public int sched_nice;
    public uint sched_priority;
    public ulong sched_runtime;
    public ulong sched_deadline;
    public ulong sched_period;
    public uint sched_util_min;
    public uint sched_util_max;
}
