using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>What is found out before the kernel is asked for anything.</summary>
public sealed class SequenceProbeTests
{
    [Fact]
    public void Run_NoTypeInformation_IsAReaderThatReadsNothingAndSaysWhy()
    {
        SequenceReader reader = SequenceProbe.Run("/sys/kernel/btf/there is no such kernel");
        Assert.Equal(SequenceObstacle.NoTypeInformation, reader.Availability.Obstacle);
        Assert.Contains("CONFIG_DEBUG_INFO_BTF", reader.Availability.Reason, StringComparison.Ordinal);

        reader.WarmUp();
        Assert.False(reader.TryRead(Environment.ProcessId, out SequenceReading reading));
        Assert.Equal(default, reading);
        SequenceReading[] readings = new SequenceReading[1];
        Assert.Same(reader.Availability, reader.Read([Environment.ProcessId], readings));
        Assert.Same(reader.Availability, reader.GetIterator(out TaskIterator? iterator));
        Assert.Null(iterator);
        PlatformNotSupportedException thrown = Assert.Throws<PlatformNotSupportedException>(() => LayoutSequences.ReadAll(reader));
        Assert.Equal(reader.Availability.Reason, thrown.Message);
    }

    [Theory]
    [InlineData("/proc/self/ns", "EINVAL")]   // a directory, whose size is 0
    [InlineData("/dev/null", "EINVAL")]
    public void Run_FileThatIsNoTypeInformation_SaysWhy(string path, string part)
    {
        SequenceReader reader = SequenceProbe.Run(path);
        Assert.Equal(SequenceObstacle.NoTypeInformation, reader.Availability.Obstacle);
        Assert.Contains(part, reader.Availability.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_DamagedTypeInformation_SaysWhy() =>
        Assert.Equal(SequenceObstacle.BadTypeInformation, SequenceProbe.Run(TestBtf.Kernel.AsSpan(0, 1000)).Availability.Obstacle);

    [Fact]
    public void Run_LookupByInitialPidsFromAnotherPidNamespace_IsRefused()
    {
        SequenceSymbolReader.Read(TestBtf.Kernel, out SequenceSymbols? symbols);
        SequenceReader reader = SequenceProbe.Run(symbols! with { TaskFromVpid = 0 }, isInitialPidNamespace: false);
        Assert.Equal(SequenceObstacle.PidNamespace, reader.Availability.Obstacle);
        Assert.Contains("bpf_task_from_vpid", reader.Availability.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadAll_OutOfDescriptors_IsAnIOException()
    {
        SequenceReader reader = SequenceReader.Without(BpfLoader.Explain(Errno.EMFILE, string.Empty));
        Assert.Contains("EMFILE", Assert.Throws<IOException>(() => LayoutSequences.ReadAll(reader)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "", SequenceObstacle.NotPermitted, "CAP_BPF")]
    [InlineData(13, "pointer access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN", SequenceObstacle.NotPermitted, "CAP_PERFMON")]
    [InlineData(38, "", SequenceObstacle.NoSystemCall, "bpf(2)")]
    [InlineData(13, "R1 is weird", SequenceObstacle.ProgramRefused, "R1 is weird")]
    [InlineData(22, "unknown opcode", SequenceObstacle.ProgramRefused, "EINVAL")]
    [InlineData(24, "", SequenceObstacle.OutOfResources, "EMFILE")]
    [InlineData(12, "", SequenceObstacle.OutOfResources, "ENOMEM")]
    [InlineData(11, "", SequenceObstacle.OutOfResources, "EAGAIN")]
    public void Explain_EachError_NamesWhatIsMissing(int errno, string log, object obstacle, string part)
    {
        SequenceAvailability availability = BpfLoader.Explain(new Errno(errno), log);
        Assert.Equal((SequenceObstacle)obstacle, availability.Obstacle);
        Assert.Contains(part, availability.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOnce_OnlyResourcesLacking_IsTriedAgainAndThenKept()
    {
        int loads = 0;
        LoadOnce<object> once = new((out object? loaded) =>
        {
            loaded = ++loads < 3 ? null : this;
            return loaded is null ? BpfLoader.Explain(Errno.ENOMEM, string.Empty) : SequenceAvailability.Available;
        });
        Assert.False(once.Get(out object? first).IsAvailable);
        Assert.Null(first);
        Assert.False(once.Get(out _).IsAvailable);
        Assert.True(once.Get(out object? third).IsAvailable);
        Assert.Same(this, third);
        Assert.True(once.Get(out _).IsAvailable);
        Assert.Equal(3, loads);
    }

    [Fact]
    public void LoadOnce_Refused_IsNotTriedAgain()
    {
        int loads = 0;
        LoadOnce<object> once = new((out object? loaded) =>
        {
            loads++;
            loaded = null;
            return BpfLoader.Explain(Errno.EPERM, string.Empty);
        });
        Assert.Same(once.Get(out _), once.Get(out _));
        Assert.Equal(1, loads);
    }
}
