using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Where the sequence can be read and where it cannot, and what is said of it.</summary>
public sealed class SequenceAvailabilityTests
{
    [KernelFact(Needs.Bpf)]
    public void Shared_ThisMachine_IsAvailable()
    {
        Assert.Equal(SequenceAvailability.Available, SequenceReader.Shared.Availability);
        Assert.Same(SequenceReader.Shared, SequenceReader.Shared);
        Assert.True(LayoutSequences.IsSupported);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Run_WithoutCapabilities_NamesThem() => CapabilitySet.RunWithout(
        [CapabilitySet.Bpf, CapabilitySet.Perfmon, CapabilitySet.SysAdmin],
        static () =>
        {
            SequenceAvailability availability = SequenceProbe.Run().Availability;
            Assert.Equal(SequenceObstacle.NotPermitted, availability.Obstacle);
            Assert.Contains("CAP_BPF and CAP_PERFMON", availability.Reason, StringComparison.Ordinal);
        });

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Run_WithCapBpfAlone_NamesThem() => CapabilitySet.RunWithout(
        [CapabilitySet.Perfmon, CapabilitySet.SysAdmin],
        static () => Assert.Equal(SequenceObstacle.NotPermitted, SequenceProbe.Run().Availability.Obstacle));

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Run_WithCapBpfAndCapPerfmon_ReadsOneAndAll() => CapabilitySet.RunWithout(
        [CapabilitySet.SysAdmin],
        static () =>
        {
            SequenceReader reader = SequenceProbe.Run();
            Assert.Equal(SequenceAvailability.Available, reader.Availability);
            Assert.True(reader.TryRead(Environment.ProcessId, out _));
            Assert.NotEmpty(LayoutSequences.ReadAll(reader));
        });

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void TryRead_CapabilitiesGivenUpAfterTheProbe_StillReads()
    {
        SequenceReader reader = SequenceReader.Shared;
        Assert.Equal(SequenceAvailability.Available, reader.Availability);
        CapabilitySet.RunWithout(
            [CapabilitySet.Bpf, CapabilitySet.Perfmon, CapabilitySet.SysAdmin],
            () => Assert.True(reader.TryRead(Environment.ProcessId, out _)));
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Run_AsAnotherUser_NamesTheCapabilitiesAndThrows()
    {
        AnotherCaller caller = AnotherCaller.Ask("setpriv", "--reuid=65534", "--clear-groups");

        Assert.Equal(nameof(SequenceObstacle.NotPermitted), caller.Obstacle);
        Assert.Contains("CAP_BPF and CAP_PERFMON", caller.Reason, StringComparison.Ordinal);
        Assert.Empty(caller.Processes);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void ReadAll_InAnotherPidNamespace_UsesThePidsOfThatNamespace()
    {
        // The program is the first process of the namespace; there is no other.
        AnotherCaller caller = AnotherCaller.Ask("unshare", "--pid", "--fork", "--mount-proc");

        Assert.Equal(nameof(SequenceObstacle.None), caller.Obstacle);
        Assert.Equal(["1 is the caller"], caller.Processes);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void ReadAll_InAnotherTimeNamespace_UsesTheStartTimesOfThatNamespace()
    {
        AnotherCaller caller = AnotherCaller.Ask("unshare", "--time", "--boottime", "86400", "--fork");

        Assert.Equal(nameof(SequenceObstacle.None), caller.Obstacle);
        Assert.Single(caller.Processes, static process => process.EndsWith(" is the caller", StringComparison.Ordinal));
    }

    [KernelFact(Needs.Bpf)]
    public void Run_WrongPlaceOfTheSequence_DoesNotPassTheSelfCheck()
    {
        SequenceSymbols symbols = Symbols();
        SequenceReader reader = SequenceProbe.Run(symbols with { MmLockSequence = symbols.MmMapCount }, isInitialPidNamespace: true);

        Assert.Equal(SequenceObstacle.SelfCheckFailed, reader.Availability.Obstacle);
        Assert.Contains("moved the sequence by", reader.Availability.Reason, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf)]
    public void Run_WrongPlaceOfTheStartTime_DoesNotPassTheSelfCheck()
    {
        SequenceSymbols symbols = Symbols();
        SequenceReader reader = SequenceProbe.Run(symbols with { TaskStartBoottime = symbols.TaskSelfExecId }, isInitialPidNamespace: true);

        Assert.Equal(SequenceObstacle.SelfCheckFailed, reader.Availability.Obstacle);
        Assert.Contains("/proc/self/stat", reader.Availability.Reason, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf)]
    public void Run_FunctionThatProgramsMayNotCall_IsRefusedWithTheLog()
    {
        SequenceSymbols symbols = Symbols();
        SequenceReader reader = SequenceProbe.Run(symbols with { TaskFromVpid = symbols.IterateTasks }, isInitialPidNamespace: true);

        Assert.Equal(SequenceObstacle.ProgramRefused, reader.Availability.Obstacle);
        Assert.Contains("bpf_iter_task", reader.Availability.Reason, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf)]
    public void Run_WithoutVpid_ReadsByInitialPidsOnlyIfTheyAreTheCallers()
    {
        // Where the tests run in a pid namespace of their own, the number is no process's or another's: the self check must detect it.
        bool isInitial = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)!.Name == "pid:[4026531836]";

        SequenceReader reader = SequenceProbe.Run(Symbols() with { TaskFromVpid = 0 }, isInitialPidNamespace: true);

        Assert.Equal(isInitial ? SequenceObstacle.None : SequenceObstacle.SelfCheckFailed, reader.Availability.Obstacle);
        Assert.Equal(isInitial, reader.TryRead(Environment.ProcessId, out _));
    }

    [KernelFact(Needs.Bpf)]
    public void LoadReader_AsManySlotsAsTheInstructionsReach_IsAccepted()
    {
        // 819 of 40 bytes is as far as the offset of an instruction reaches; the check takes 1 ms for each.
        Assert.Throws<OverflowException>(static () => SequenceProgram.Assemble(Symbols(), 820));
        SequenceAvailability availability = SequenceProbe.LoadReader(Symbols(), 128, out SafeDescriptor? program);
        program?.Dispose();
        Assert.Equal(SequenceAvailability.Available, availability);
    }

    [KernelFact(Needs.Bpf)]
    public void Run_ManyTimes_LeavesNoDescriptorOpen()
    {
        SequenceSymbols symbols = Symbols();
        _ = SequenceProbe.Run(symbols with { TaskStartBoottime = symbols.TaskSelfExecId }, isInitialPidNamespace: true);
        int before = CountPrograms();
        const int Runs = 20;
        for (int i = 0; i < Runs; i++)
        {
            _ = SequenceProbe.Run(symbols with { TaskStartBoottime = symbols.TaskSelfExecId }, isInitialPidNamespace: true);
        }

        // Tests that run at the same time may have loaded one or two.
        Assert.InRange(CountPrograms(), 0, before + Runs / 2);
    }

    private static int CountPrograms() => Directory.GetFiles("/proc/self/fd").Count(static descriptor => new FileInfo(descriptor).LinkTarget == "anon_inode:bpf-prog");

    private static SequenceSymbols Symbols()
    {
        Assert.Equal(Errno.None, KernelFile.Open(SequenceProbe.TypeInformation, out KernelFile? file));
        using (file)
        {
            Assert.Equal(SequenceAvailability.Available, SequenceSymbolReader.Read(file!.Bytes, out SequenceSymbols? symbols));
            return symbols!;
        }
    }
}
