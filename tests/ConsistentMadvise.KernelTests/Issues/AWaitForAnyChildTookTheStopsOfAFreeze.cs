using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A host whose reaper waits for any child took ptrace stops from the tracing thread, which waited for them until its deadline while the target was held.</summary>
public sealed class AWaitForAnyChildTookTheStopsOfAFreeze
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(0)]
    [InlineData(Uapi.__WALL)]
    public void Freeze_AnotherThreadWaitsForAnyChild_Freezes(int options)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.StartThreads(4);

        string result = WaitingHost.Freeze(process.Pid, options);

        Assert.Equal("frozen", result);
        process.AssertRuns();
    }
}
