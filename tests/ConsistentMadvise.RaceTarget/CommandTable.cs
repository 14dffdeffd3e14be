namespace ConsistentMadvise.RaceTarget;

/// <summary>Every command that a target knows.</summary>
internal static class CommandTable
{
    public static readonly Command[] All =
    [
        Command.Of("ping"u8, ProcessCommands.Ping),
        Command.Of("pid"u8, ProcessCommands.Pid),
        Command.Of("vmas"u8, ProcessCommands.CountVmas),
        Command.Of("map"u8, MappingCommands.Map),
        Command.Of("mapfile"u8, MappingCommands.MapFile),
        Command.Of("unmap"u8, MappingCommands.Unmap),
        Command.Of("protect"u8, MappingCommands.Protect),
        Command.Of("remap"u8, MappingCommands.Remap),
        Command.Of("dontunmap"u8, MappingCommands.DontUnmap),
        Command.Of("replace"u8, MappingCommands.Replace),
        Command.Of("fields"u8, MappingCommands.Fields),
        Command.Of("memfd"u8, BackingCommands.Memfd),
        Command.Of("huge"u8, BackingCommands.Huge),
        Command.Of("hugetlb"u8, BackingCommands.HugeTlb),
        Command.Of("brk"u8, HeapCommands.Break),
        Command.Of("stack"u8, StackCommand.Grow),
        Command.Of("touch"u8, PageCommands.Touch),
        Command.Of("read"u8, PageCommands.Read),
        Command.Of("madvise"u8, PageCommands.Advise),
        Command.Of("mlock"u8, PageCommands.Lock),
        Command.Of("resident"u8, PageCommands.Resident),
        Command.Of("thread"u8, ThreadCommands.Thread),
        Command.Of("threads"u8, ThreadCommands.Threads),
        Command.Of("brief"u8, ThreadCommands.Brief),
        Command.Of("fault"u8, FaultCommand.Command),
        Command.Of("churn"u8, Churn.Command),
        Command.Of("canary"u8, Canary.Command),
        Command.Of("gap"u8, GapRecorder.Command),
        Command.Of("fork"u8, ProcessCommands.Fork),
        Command.Of("clonevm"u8, SharerCommands.CloneVm),
        Command.Of("vfork-hold"u8, SharerCommands.VforkHold),
        Command.Of("exec"u8, ExecCommand.Exec),
        Command.Of("rename"u8, NameCommand.Rename),
        Command.Of("stop"u8, ProcessCommands.Stop),
        Command.Of("exit"u8, ProcessCommands.Exit),
        Command.Of("exitmain"u8, ProcessCommands.ExitMain),
    ];
}
