using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A single reading of one process.</summary>
public sealed class SequenceReaderTests
{
    private static SequenceReader Reader => SequenceReader.Shared;

    [KernelFact(Needs.Bpf)]
    public void TryRead_QuietTarget_IsTheSameEveryTimeAndTrue()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        SequenceReading first = Read(process.Pid);
        for (int i = 0; i < 100; i++)
        {
            process.Send("ping");
            Assert.True(Read(process.Pid).IsUnchangedSince(first));
        }

        Assert.False(first.IsWriting);
        Assert.Equal(target.Identity.StartTime, first.StartTime);
        Assert.Equal(MapsEntry.ReadAll(process.Pid).Count(static entry => entry.Path != "[vsyscall]"), first.VmaCount);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_SameLinesInMapsOverNewMemory_HasMovedEveryTime()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(4);
        string maps = MapsEntry.ReadText(process.Pid);
        for (int i = 0; i < 200; i++)
        {
            SequenceReading before = Read(process.Pid);
            process.ReplaceWithSame(address, 4);
            Assert.Equal(maps, MapsEntry.ReadText(process.Pid));
            Assert.False(Read(process.Pid).IsUnchangedSince(before));
        }

        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_AfterExec_IsAnotherAddressSpaceOfTheSameProcess()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        for (int i = 0; i < 5; i++)
        {
            SequenceReading before = Read(process.Pid);
            process.Exec(randomized: false);
            SequenceReading after = Read(process.Pid);
            Assert.False(after.IsUnchangedSince(before));
            Assert.True(after.ExecId > before.ExecId);
            Assert.Equal(before.StartTime, after.StartTime);
        }

        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_AfterExecWhileTheOldMapsAreHeld_HasAnotherAddressSpaceId()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        SequenceReading before = Read(process.Pid);

        process.Exec();

        Assert.NotEqual(before.AddressSpace, Read(process.Pid).AddressSpace);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.X64)]
    public void TryRead_SharerAndForkedChild_AreOfTheSameAndOfAnotherAddressSpace()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        Sharer sharer = process.StartSharer();
        int child = process.Fork();

        SequenceReading target = Read(process.Pid);

        Assert.Equal((target.AddressSpace, target.Sequence), (Read(sharer.Pid).AddressSpace, Read(sharer.Pid).Sequence));
        Assert.NotEqual(target.AddressSpace, Read(child).AddressSpace);
        Assert.NotEqual(0ul, Read(child).StartTime);
        sharer.Call(9, 0, 4096, 3, 0x22, ulong.MaxValue);   // mmap
        Assert.Equal(target.Sequence + 2, Read(process.Pid).Sequence);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_ByAThread_IsTheProcessesAddressSpace()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        int thread = ThreadStatus.ReadAll(process.Pid).Select(static thread => thread.Tid).First(tid => tid != process.Pid);

        Assert.Equal(Read(process.Pid).AddressSpace, Read(thread).AddressSpace);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_ExitedProcess_IsNotFound()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Exit(0);

        Assert.False(Reader.TryRead(process.Pid, out SequenceReading reading));
        Assert.Equal(SequenceState.NotFound, reading.State);
        Assert.False(Reader.TryRead(0, out _));
        Assert.False(Reader.TryRead(-1, out _));
        Assert.False(Reader.TryRead(int.MaxValue, out _));
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_LeaderExited_HasNoAddressSpace()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.ExitLeader();

        Assert.False(Reader.TryRead(process.Pid, out SequenceReading reading));
        Assert.Equal(SequenceState.NoAddressSpace, reading.State);
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_ChurningTarget_FindsAWriterInside()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.StartChurn(0, seed: 1);

        Eventually.Holds(() => Enumerable.Range(0, 1000).Any(_ => Read(process.Pid).IsWriting), "a reading fell into a change");

        process.StopChurn();
        Assert.False(Read(process.Pid).IsWriting);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_OnceRehearsed_AllocatesNothing()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        SequenceReader reader = Reader;
        reader.WarmUp();

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = true;
        for (int i = 0; i < 1000; i++)
        {
            isRead &= reader.TryRead(process.Pid, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(isRead);
    }

    [KernelTheory(Needs.Bpf)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SequenceReader.MaxBatch - 1)]
    [InlineData(SequenceReader.MaxBatch)]
    [InlineData(SequenceReader.MaxBatch + 1)]
    [InlineData(SequenceReader.MaxBatch * 2 + 3)]
    public void Read_ManyPids_IsWhatSingleReadsGive(int count)
    {
        using RaceTargetProcess first = RaceTargetProcess.Start();
        using RaceTargetProcess second = RaceTargetProcess.Start();
        using RaceTargetProcess ended = RaceTargetProcess.Start();
        ended.Exit(0);
        int[] pids = [.. Enumerable.Range(0, count).Select(i => (i % 3) switch { 0 => first.Pid, 1 => ended.Pid, _ => second.Pid })];
        SequenceReading[] readings = new SequenceReading[count];

        Assert.Equal(SequenceAvailability.Available, Reader.Read(pids, readings));

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i % 3 != 1, Reader.TryRead(pids[i], out SequenceReading single));
            Assert.Equal(single, readings[i]);
        }
    }

    [KernelFact(Needs.Bpf)]
    public void ToString_Reading_ShowsNoAddressOfTheKernel()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        string text = Read(process.Pid).ToString();

        Assert.Contains("AddressSpace = opaque", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Split(' '), static word => ulong.TryParse(word.TrimEnd(','), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number > long.MaxValue);
    }

    private static SequenceReading Read(int pid)
    {
        Assert.True(Reader.TryRead(pid, out SequenceReading reading), $"process {pid}: {reading.State}");
        return reading;
    }
}
