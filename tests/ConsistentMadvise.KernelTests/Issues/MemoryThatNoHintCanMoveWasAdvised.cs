namespace ConsistentMadvise.KernelTests;

/// <summary>Memory of a forked process, of two mappings, and rings of the kernel were advised in full, and nothing of them moved.</summary>
[Collection(SwapTests.Name)]
public sealed class MemoryThatNoHintCanMoveWasAdvised
{
    private const int Pages = 256;

    /// <summary>Rings of a packet socket and of AIO, and System V memory with inode number 0 (the first of an IPC namespace).</summary>
    private const string Rings = """
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <linux/aio_abi.h>
        #include <linux/if_packet.h>
        #include <net/ethernet.h>
        #include <sched.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/ipc.h>
        #include <sys/mman.h>
        #include <sys/shm.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(void) {
            if (unshare(CLONE_NEWIPC)) return 1;
            char *segment = shmat(shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600), 0, 0);
            if (segment == (void *)-1) return 2;
            memset(segment, 1, 1 << 20);
            aio_context_t ring = 0;
            if (syscall(SYS_io_setup, 128, &ring)) return 3;
            struct tpacket_req wanted = {.tp_block_size = 1 << 16, .tp_block_nr = 4, .tp_frame_size = 2048, .tp_frame_nr = 128};
            int file = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
            if (setsockopt(file, SOL_PACKET, PACKET_RX_RING, &wanted, sizeof wanted)) return 4;
            char *packets = mmap(0, 4 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            if (packets == MAP_FAILED) return 5;
            printf("%d %lx %lx %lx\n", getpid(), (long)segment, (long)ring, (long)packets); fflush(stdout);
            for (;;) pause();
        }
        """;

    private static readonly ulong Page = (ulong)Environment.SystemPageSize;
    private static readonly HintOptions Measured = new() { FreezeTimeout = Eventually.Patience, MaxPause = Timeout.InfiniteTimeSpan, MeasureEffect = true };

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.Swap)]
    [InlineData("pageout")]
    [InlineData("cold")]
    public void Apply_MemoryOfAForkedProcess_IsSharedAndNotAdvised(string advice)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(Pages);
        process.Fork();

        HintOutcome outcome = Apply(process, Advice.Parse(advice), address);

        Assert.Equal((HintStatus.Refused, HintReason.AllRangesFailed, 0ul), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
        Assert.Equal((RangeStatus.Shared, 0ul), (Assert.Single(outcome.Ranges).Status, outcome.Ranges[0].BytesAdvised));
        Assert.Equal((Pages * Page, 0ul), (outcome.Effect!.Before.ResidentBytes, outcome.Effect.Before.ExclusiveBytes));
        Assert.Equal(0ul, outcome.Effect.LeftBytes);
        Assert.Equal(Pages, process.Resident(address, Pages).Present);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_FilePagesMappedTwice_AreSharedAndNotAdvised()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, new byte[Pages * (int)Page]);
            using RaceTargetProcess process = RaceTargetProcess.Start();
            ulong one = process.MapFile(file, Pages), other = process.MapFile(file, Pages);
            process.Read(one, Pages);
            process.Read(other, Pages);

            HintOutcome outcome = Apply(process, Advice.PageOut, one, other);

            Assert.Equal((HintStatus.Refused, 0ul), (outcome.Status, outcome.BytesAdvised));
            Assert.Equal([RangeStatus.Shared, RangeStatus.Shared], outcome.Ranges.Select(static range => range.Status));
            Assert.Equal(Pages, process.Resident(one, Pages).Present);
            process.AssertRuns();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.Swap)]
    public void Apply_OnePrivateRangeAndOneOfAForkedProcess_AccountsForEach()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong shared = process.MapTouched(Pages);
        process.Fork();
        ulong own = process.MapTouched(Pages);

        HintOutcome outcome = Apply(process, Advice.PageOut, shared, own);

        Assert.Equal((HintStatus.PartlyApplied, Pages * Page), (outcome.Status, outcome.BytesAdvised));
        Assert.Equal([RangeStatus.Shared, RangeStatus.Advised], outcome.Ranges.Select(static range => range.Status));
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.Swap)]
    public void Apply_PageOut_EffectIsWhatTheTargetSees()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(2 * Pages);
        process.Touch(address, Pages);

        HintOutcome outcome = Apply(process, Advice.PageOut, address);

        (int present, int swapped) = process.Resident(address, Pages);
        HintEffect effect = outcome.Effect!;
        Assert.Equal((HintStatus.Applied, true), (outcome.Status, effect.IsMeasured));
        Assert.Equal((Pages * Page, 0ul, Pages * Page), (effect.Before.ResidentBytes, effect.Before.SwappedBytes, effect.Before.ExclusiveBytes));
        Assert.Equal(((ulong)present * Page, (ulong)swapped * Page), (effect.After.ResidentBytes, effect.After.SwappedBytes));
        Assert.Equal(effect.Before.ResidentBytes - effect.After.ResidentBytes, effect.LeftBytes);
        Assert.InRange(effect.LeftBytes, Page, Pages * Page);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_Collapse_EffectIsWhatIsCounted()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(4 * (int)(HugePage.Bytes / Page));
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        HintOutcome outcome = target.Apply(HintPlan.Create(target.Capture(), Advice.Collapse, [new AddressRange(address, address + 4 * HugePage.Bytes)]), Measured);

        // The kernel makes none of pages that it moves at that moment (compaction).
        Assert.Equal(outcome.BytesAdvised == outcome.BytesPlanned ? HintStatus.Applied : HintStatus.PartlyApplied, outcome.Status);
        Assert.Equal(outcome.BytesAdvised, outcome.Effect!.After.HugeBytes ?? outcome.BytesAdvised);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_TargetExitsInTheWindow_SaysThatItWasNotMeasured()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(Pages);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [new AddressRange(address, address + Pages * Page)]);
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () =>
        {
            process.Signal(ConsistentMadvise.Interop.Uapi.SIGKILL);
            process.WaitUntilGone();
        });

        HintOutcome outcome = TargetTransactions.Run(target, plan, Measured with { Consistency = HintConsistency.Unchecked }, probe, CancellationToken.None);

        Assert.Equal((3, false, 0ul), (outcome.Effect!.Errno, outcome.Effect.IsMeasured, outcome.Effect.LeftBytes)); // ESRCH
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_NotAskedFor_MeasuresNothing()
    {
        using PlannedTarget planned = new();

        Assert.Null(planned.Apply(new HintOptions()).Effect);

        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void Create_RingsOfTheKernel_AreNotPlannedAndSystemVMemoryIsAFile()
    {
        using CompiledTarget process = CompiledTarget.Start(Rings);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutSnapshot layout = target.Capture();
        ulong[] addresses = [.. process.Words[1..].Select(static word => Convert.ToUInt64(word, 16))];

        HashSet<ulong> planned = [.. HintPlan.Create(layout, Advice.Cold, VmaFilter.All).Ranges.Select(static range => range.Start)];

        Assert.Equal([true, false, false], addresses.Select(planned.Contains));
        Assert.Contains(addresses[0], HintPlan.Create(layout, Advice.Cold, VmaFilter.Parse("file")).Ranges.Select(static range => range.Start));
        process.AssertRuns();
    }

    private static HintOutcome Apply(RaceTargetProcess process, Advice advice, params ulong[] addresses)
    {
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutSnapshot layout = target.Capture();
        return target.Apply(HintPlan.Create(layout, advice, vma => addresses.Contains(vma.Start)), Measured);
    }
}
