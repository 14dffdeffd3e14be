using System.Text;

namespace ConsistentMadvise.Tests;

public sealed class SequenceSymbolReaderTests
{
    /// <summary>What a C program that was given the same kernel's type information found.</summary>
    private static readonly SequenceSymbols Linux618 = new()
    {
        TaskMm = 1136,
        TaskPid = 1264,
        TaskTgid = 1268,
        TaskStartBoottime = 1560,
        TaskSelfExecId = 2016,
        MmLockSequence = 248,
        MmMapCount = 176,
        TaskFromPid = 245,
        TaskFromVpid = 246,
        TaskRelease = 247,
        IterateTasks = 244,
    };

    [Fact]
    public void Read_TypesOfLinux618_FindsEverySymbol()
    {
        Assert.True(SequenceSymbolReader.Read(TestBtf.Kernel, out SequenceSymbols? symbols).IsAvailable);
        Assert.Equal(Linux618, symbols);
    }

    [Fact]
    public void Read_HandMadeTypes_FindsEverySymbol()
    {
        Assert.True(SequenceSymbolReader.Read(Make(), out SequenceSymbols? symbols).IsAvailable);
        Assert.Equal(8, symbols!.TaskPid);
        Assert.Equal(16 + 4, symbols.MmLockSequence);
    }

    [Theory]
    [InlineData("mm_lock_seq", SequenceObstacle.FieldMissing, "CONFIG_PER_VMA_LOCK")]
    [InlineData("sequence", SequenceObstacle.FieldMissing, "CONFIG_PER_VMA_LOCK")]
    [InlineData("mm_struct", SequenceObstacle.FieldMissing, "CONFIG_PER_VMA_LOCK")]
    [InlineData("map_count", SequenceObstacle.FieldMissing, "map_count")]
    [InlineData("mm", SequenceObstacle.FieldMissing, "field mm ")]
    [InlineData("pid", SequenceObstacle.FieldMissing, "field pid ")]
    [InlineData("tgid", SequenceObstacle.FieldMissing, "tgid")]
    [InlineData("start_boottime", SequenceObstacle.FieldMissing, "start_boottime")]
    [InlineData("self_exec_id", SequenceObstacle.FieldMissing, "self_exec_id")]
    [InlineData("bpf_task_release", SequenceObstacle.FunctionMissing, "6.13")]
    public void Read_WithoutOneName_SaysWhatIsMissing(string name, object obstacle, string part) =>
        AssertRefused(Make(without: name), (SequenceObstacle)obstacle, part);

    [Theory]
    [InlineData("bpf_task_from_vpid", false)]
    [InlineData("bpf_task_from_pid", false)]
    [InlineData("bpf_iter_task", false)]
    [InlineData("both", true)]
    public void Read_WithoutOneFunction_IsRefusedOnlyWhenNoOtherServes(string name, bool isRefused)
    {
        byte[] types = name == "both" ? Rename(Make(without: "bpf_task_from_vpid"), "bpf_task_from_pid") : Make(without: name);
        if (isRefused)
        {
            AssertRefused(types, SequenceObstacle.FunctionMissing, "bpf_task_from_vpid");
            return;
        }

        Assert.True(SequenceSymbolReader.Read(types, out SequenceSymbols? symbols).IsAvailable);
        Assert.Equal(name == "bpf_task_from_vpid", symbols!.TaskFromVpid == 0);
        Assert.Equal(name == "bpf_task_from_pid", symbols.TaskFromPid == 0);
        Assert.Equal(name == "bpf_iter_task", symbols.IterateTasks == 0);
    }

    [Fact]
    public void Read_IntegerSequenceOfOlderKernels_IsRefused() => AssertRefused(Make(hasIntegerSequence: true), SequenceObstacle.IntegerSequence, "is an int");

    [Fact]
    public void Read_FieldOfAnotherSize_IsRefused() => AssertRefused(Make(pidBytes: 8), SequenceObstacle.FieldMissing, "field pid ");

    [Fact]
    public void Read_NoBtf_SaysWhy() => AssertRefused("\u007fELF, and so on, long enough"u8.ToArray(), SequenceObstacle.BadTypeInformation, "NotBtf");

    [Theory]
    [InlineData(null, true)]
    [InlineData("mm_users", false)]
    [InlineData("signal", false)]
    [InlineData("signal_struct", false)]
    [InlineData("live", false)]
    [InlineData("counter", false)]
    public void Read_CountsOfUsers_AreFoundTogetherOrNotAtAll(string? without, bool areFound)
    {
        Assert.True(SequenceSymbolReader.Read(Make(without), out SequenceSymbols? symbols).IsAvailable);
        Assert.Equal(areFound ? (24, 32, 4) : (0, 0, 0), ((int)symbols!.MmUsers, (int)symbols.TaskSignal, (int)symbols.SignalLive));
    }

    private static void AssertRefused(byte[] types, SequenceObstacle obstacle, string part)
    {
        SequenceAvailability availability = SequenceSymbolReader.Read(types, out SequenceSymbols? symbols);
        Assert.Null(symbols);
        Assert.Equal(obstacle, availability.Obstacle);
        Assert.Contains(part, availability.Reason, StringComparison.Ordinal);
    }

    private static byte[] Make(string? without = null, bool hasIntegerSequence = false, uint pidBytes = 4)
    {
        TestBtf types = new();
        uint number = types.Int("int", 4);
        uint pid = types.Alias("pid_t", types.Int("pid", pidBytes));
        uint large = types.Alias("u64", types.Int("long", 8));
        uint pointer = types.Pointer();
        uint sequence = types.Alias("seqcount_t", types.Struct("seqcount", ("dep_map", number, 0), ("sequence", number, 32)));
        types.Struct(
            "task_struct", ("mm", pointer, 0), ("pid", pid, 64), ("tgid", number, 96), ("start_boottime", large, 128), ("self_exec_id", large, 192),
            ("signal", pointer, 256));
        uint atomic = types.Alias("atomic_t", types.Struct("", ("counter", number, 0)));
        types.Struct("signal_struct", ("sigcnt", number, 0), ("live", atomic, 32));
        uint inner = types.Struct("", ("map_count", number, 64), ("mm_lock_seq", hasIntegerSequence ? number : sequence, 128), ("mm_users", atomic, 192));
        types.Struct("mm_struct", ("", inner, 0));
        foreach (string function in (string[])["bpf_task_from_vpid", "bpf_task_from_pid", "bpf_task_release", "bpf_iter_task"])
        {
            types.Function(function);
        }

        return without is null ? types.ToArray() : Rename(types.ToArray(), without);
    }

    /// <summary>A name that nothing looks for, in the place of one that something does.</summary>
    private static byte[] Rename(byte[] types, string name)
    {
        byte[] text = Encoding.ASCII.GetBytes($"\0{name}\0");
        int at = types.AsSpan().LastIndexOf(text);
        Assert.NotEqual(-1, at);
        types[at + 1] = (byte)'?';
        return types;
    }
}
