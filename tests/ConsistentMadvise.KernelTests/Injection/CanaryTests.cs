using System.Diagnostics;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>The oracle itself: silent while no canary is hinted, and it names each one that is.</summary>
[Collection(SwapTests.Name)]
public sealed class CanaryTests
{
    [KernelTheory(Needs.Ptrace | Needs.CgroupV2 | Needs.Swap)]
    [InlineData(CanaryMemory.File, false)]
    [InlineData(CanaryMemory.File, true)]
    [InlineData(CanaryMemory.Anonymous, false)]
    [InlineData(CanaryMemory.Anonymous, true)]
    public void Canaries_NoHints_NoneIsGone(CanaryMemory memory, bool isSameLine)
    {
        using CanaryTarget target = new(memory, isSameLine, TimeSpan.FromMicroseconds(20), seed: 7);

        Eventually.Holds(() => target.Operations > 2000, "the target has changed its memory often");
        target.Stop();

        Assert.True(target.Looked > 1000, "canaries were looked at");
        Assert.Equal(0, target.MisHints);
        Assert.Empty(target.Records());
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Swap)]
    [InlineData(CanaryMemory.File, false)]
    [InlineData(CanaryMemory.File, true)]
    [InlineData(CanaryMemory.Anonymous, false)]
    [InlineData(CanaryMemory.Anonymous, true)]
    public unsafe void Canaries_SomebodyHintsEverything_AreCountedAndNamed(CanaryMemory memory, bool isSameLine)
    {
        using CanaryTarget target = new(memory, isSameLine, TimeSpan.FromMicroseconds(200), seed: 7);
        Span<iovec> everything = [.. target.AllSlots.Select(static range => new iovec { iov_base = (void*)range.Start, iov_len = (size_t)range.Length })];

        long begin = Stopwatch.GetTimestamp();
        while (target.MisHints == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Eventually.Patience, "a canary has left memory");
            Assert.Equal(Errno.None, Kernel.ProcessMadvise(target.Process.Pidfd, everything, Advice.PageOut.Value, out _));
        }

        target.Stop();
        Assert.Matches("^operation [0-9]+, slot [0-7], generation [0-9]+, at [0-9]+ ns$", target.Records().First());
    }

    [KernelFact(Needs.Ptrace | Needs.CgroupV2)]
    public void Canaries_EqualSeeds_ChangeTheSameSlotsInTheSameOrder()
    {
        Assert.Equal(FirstChanges(seed: 3), FirstChanges(seed: 3));
        Assert.NotEqual(FirstChanges(seed: 3), FirstChanges(seed: 4));
    }

    /// <summary>The generations of the slots after so many changes, which show the order of the changes.</summary>
    private static string FirstChanges(int seed)
    {
        const int Changes = 200;
        using CanaryTarget target = new(CanaryMemory.File, isSameLine: false, TimeSpan.FromMicroseconds(50), seed, Changes);
        Eventually.Holds(() => target.Operations == Changes + CanaryTarget.Slots, "the target is done");
        return target.GenerationsAsText();
    }
}
