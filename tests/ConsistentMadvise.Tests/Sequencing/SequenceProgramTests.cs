using System.Globalization;
using ConsistentMadvise.Interop;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests;

public sealed class SequenceProgramTests
{
    private static SequenceSymbols Symbols => SequenceSymbolReader.Read(TestBtf.Kernel, out SequenceSymbols? symbols).IsAvailable
        ? symbols!
        : throw new InvalidOperationException("the fixture is not readable");

    [Fact]
    public void Assemble_OneSlot_IsTheApprovedProgram() => Snapshot.Match(List(SequenceProgram.Assemble(Symbols, 1)));

    [Fact]
    public void Assemble_TaskIterator_IsTheApprovedProgram() => Snapshot.Match(List(TaskIteratorProgram.Assemble(Symbols)));

    [Fact]
    public void Assemble_Users_IsTheApprovedProgram() =>
        Snapshot.Match(List(UsersProgram.Assemble(Symbols with { MmUsers = 116, TaskSignal = 2064, SignalLive = 4 })));

    [Fact]
    public void Assemble_Vmas_IsTheApprovedProgram()
    {
        TreeSymbols tree = new()
        {
            ReadOnlyCast = 700,
            NodeType = 800,
            VmaType = 900,
            MmRoot = 72,
            Pivots = 8,
            RangeSlots = 128,
            GapSlots = 80,
            VmaStart = 0,
            VmaEnd = 8,
            VmaSequence = 52,
        };
        Snapshot.Match(List(VmaProgram.Assemble(Symbols with { Tree = tree }, map: 5)));
    }

    [Fact]
    public void Assemble_MoreSlots_RepeatsTheSamePartAtOtherPlaces()
    {
        int one = SequenceProgram.Assemble(Symbols, 1).Length;
        int two = SequenceProgram.Assemble(Symbols, 2).Length;
        bpf_insn[] many = SequenceProgram.Assemble(Symbols, SequenceReader.MaxBatch);
        Assert.Equal(one + (two - one) * (SequenceReader.MaxBatch - 1), many.Length);

        // What the context is reached by lies within what is passed as context.
        short[] places = [.. many.Where(static code => code.dst_reg_src_reg is 0x61 or 0x16).Select(static code => code.off)];
        Assert.Equal(places.Order(), places.Order().Where(static place => place < SequenceReader.MaxBatch * SequenceSlot.Bytes));
        Assert.Contains((short)((SequenceReader.MaxBatch - 1) * SequenceSlot.Bytes + SequenceSlot.PidAt), places);
    }

    [Fact]
    public void Assemble_WithoutVpid_CallsTheFunctionOfTheInitialNamespace()
    {
        SequenceSymbols symbols = Symbols with { TaskFromVpid = 0 };
        int[] calls = [.. SequenceProgram.Assemble(symbols, 1).Where(static code => code.code == (Uapi.BPF_JMP | Uapi.BPF_CALL)).Select(static code => code.imm)];
        Assert.Equal([(int)symbols.TaskFromPid, (int)symbols.TaskRelease], calls);
    }

    [Fact]
    public unsafe void VmaRequest_Fields_AreWhereTheProgramReadsThem()
    {
        VmaRequest request;
        VmaReading entry;
        byte* start = (byte*)&request, first = (byte*)&entry;
        Assert.Equal(VmaRequest.Bytes, sizeof(VmaRequest));
        Assert.Equal(VmaRequest.PidAt, (byte*)&request.Pid - start);
        Assert.Equal(VmaRequest.CountAt, (byte*)&request.Count - start);
        Assert.Equal(VmaRequest.DoneAt, (byte*)&request.Done - start);
        Assert.Equal(VmaRequest.StateAt, (byte*)&request.State - start);
        Assert.Equal(VmaRequest.MmAt, (byte*)&request.Mm - start);
        Assert.Equal(VmaRequest.ExecIdAt, (byte*)&request.ExecId - start);
        Assert.Equal(VmaRequest.StartBoottimeAt, (byte*)&request.StartBoottime - start);
        Assert.Equal(VmaRequest.RetriesAt, (byte*)&request.Retries - start);
        Assert.Equal(VmaReading.Bytes, sizeof(VmaReading));
        Assert.Equal(VmaReading.AddressAt, (byte*)&entry.Address - first);
        Assert.Equal(VmaReading.StartAt, (byte*)&entry.Start - first);
        Assert.Equal(VmaReading.EndAt, (byte*)&entry.End - first);
        Assert.Equal(VmaReading.LockedAtAt, (byte*)&entry.LockedAt - first);
        Assert.Equal(VmaReading.SequenceAt, (byte*)&entry.Sequence - first);
    }

    [Fact]
    public unsafe void SequenceSlot_Fields_AreWhereTheProgramsWriteThem()
    {
        SequenceSlot slot;
        byte* start = (byte*)&slot;
        Assert.Equal(SequenceSlot.Bytes, sizeof(SequenceSlot));
        Assert.Equal(SequenceSlot.PidAt, (byte*)&slot.Pid - start);
        Assert.Equal(SequenceSlot.StateAt, (byte*)&slot.State - start);
        Assert.Equal(SequenceSlot.SequenceAt, (byte*)&slot.Sequence - start);
        Assert.Equal(SequenceSlot.VmaCountAt, (byte*)&slot.VmaCount - start);
        Assert.Equal(SequenceSlot.ExecIdAt, (byte*)&slot.ExecId - start);
        Assert.Equal(SequenceSlot.MmAt, (byte*)&slot.Mm - start);
        Assert.Equal(SequenceSlot.StartBoottimeAt, (byte*)&slot.StartBoottime - start);
    }

    [Fact]
    public unsafe void UsersSlot_Fields_AreWhereTheProgramWritesThem()
    {
        UsersSlot slot;
        byte* start = (byte*)&slot;
        Assert.Equal(UsersSlot.Bytes, sizeof(UsersSlot));
        Assert.Equal(UsersSlot.PidAt, (byte*)&slot.Pid - start);
        Assert.Equal(UsersSlot.StateAt, (byte*)&slot.State - start);
        Assert.Equal(UsersSlot.UsersAt, (byte*)&slot.Users - start);
        Assert.Equal(UsersSlot.LiveThreadsAt, (byte*)&slot.LiveThreads - start);
        Assert.Equal(UsersSlot.MmAt, (byte*)&slot.Mm - start);
    }

    private static string List(bpf_insn[] program) => string.Join('\n', program.Select(static (code, index) => string.Create(
        CultureInfo.InvariantCulture, $"{index,3}: {code.code:x2} r{code.dst_reg_src_reg & 15} r{code.dst_reg_src_reg >> 4} {code.off} {code.imm}")));
}
