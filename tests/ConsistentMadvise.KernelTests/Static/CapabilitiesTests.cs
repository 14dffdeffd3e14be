namespace ConsistentMadvise.KernelTests;

/// <summary>What <see cref="Capabilities"/> finds, against what the tests' own probes find by doing it.</summary>
public sealed class CapabilitiesTests
{
    [KernelFact(Needs.Ptrace)]
    public void PtraceFreezer_WhereATargetCanBeSeized_IsAvailable() => Assert.Equal(FeatureState.Available, Capabilities.Current.PtraceFreezer.State);

    [KernelFact(Needs.NiceCapability)]
    public void ProcessMadvise_WhereATargetCanBeHinted_IsAvailable()
    {
        Assert.Equal(FeatureState.Available, Capabilities.Current.ProcessMadvise.State);
        Assert.Equal(FeatureState.Available, Capabilities.Current.SystemNice.State);
        Assert.Equal(FeatureState.Available, Capabilities.Current.AdviceSupport[Advice.Cold].State);
    }

    [KernelFact(Needs.CgroupV2)]
    public void CgroupFreezer_WhereACgroupCanBeMadeAndFrozen_IsAvailable() => Assert.Equal(FeatureState.Available, Capabilities.Current.CgroupFreezer.State);

    [KernelFact(Needs.Bpf)]
    public void VmaSequences_WhereTheSequenceIsRead_AreAvailable() => Assert.Equal((FeatureState.Available, FeatureState.Available), (Capabilities.Current.LayoutSequence.State, Capabilities.Current.VmaSequences.State));

    [KernelFact(Needs.MapsQuery)]
    public void MapsQuery_WhereTheIoctlAnswers_IsAvailable() => Assert.Equal(FeatureState.Available, Capabilities.Current.MapsQuery.State);

    [KernelFact(Needs.Ptrace)]
    public void SharerSearch_WhereProcessesCanBeCompared_IsAvailable()
    {
        Assert.Equal(Interop.Errno.None, Interop.Kernel.CompareAddressSpaces(Environment.ProcessId, Environment.ProcessId, out bool isSame));
        Assert.True(isSame);
        Assert.Equal(FeatureState.Available, Capabilities.Current.SharerSearch.State);
    }

    [KernelFact]
    public void PidfdIdentity_TwoProcesses_AgreesWithTheirInodes()
    {
        using RaceTargetProcess one = RaceTargetProcess.Start();
        using RaceTargetProcess other = RaceTargetProcess.Start();
        using ProcessTarget first = ProcessTarget.Open(one.Pid);
        using ProcessTarget second = ProcessTarget.Open(other.Pid);

        bool areTold = first.Identity.PidfdInode != 0 && first.Identity.PidfdInode != second.Identity.PidfdInode;

        Assert.Equal(areTold ? FeatureState.Available : FeatureState.Missing, Capabilities.Current.PidfdIdentity.State);
    }

    [KernelFact(Needs.Bpf)]
    public void LayoutSequence_WhereAReaderReads_IsAvailable() => Assert.Equal(
        SequenceReader.Shared.Availability.IsAvailable, Capabilities.Current.LayoutSequence.State == FeatureState.Available);

    [KernelFact]
    public void TransactionHelper_WhereItsProgramIsFound_IsAvailable()
    {
        string? program = HelperProcess.FindProgram(out string why);

        Feature feature = Capabilities.Probe().TransactionHelper;

        Assert.Equal((program is not null, program ?? why), (feature.IsAvailable, feature.Detail));
    }

    [KernelFact]
    public void Features_All_HaveAStateWithADetailAndACost()
    {
        Capabilities capabilities = Capabilities.Probe();

        Assert.Equal(Advice.Known, capabilities.AdviceSupport.Keys);
        Assert.All(capabilities.Features, static feature =>
        {
            Assert.NotEmpty(feature.Name);
            Assert.NotEmpty(feature.Since);
            Assert.NotEmpty(feature.Detail);
            Assert.NotEmpty(feature.Consequence);
        });
        Assert.Equal(capabilities.Features.Count, capabilities.Features.DistinctBy(static feature => feature.Name).Count());
        Assert.Same(capabilities.PtraceFreezer, capabilities.Freezer(FreezerKind.Auto));
        Assert.Same(capabilities.SignalFreezer, capabilities.Freezer(FreezerKind.Signal));
        Assert.Same(capabilities.CgroupFreezer, capabilities.Freezer(FreezerKind.Cgroup));
    }
}
