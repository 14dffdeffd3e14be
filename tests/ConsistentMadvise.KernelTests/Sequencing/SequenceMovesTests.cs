using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>Which operations move the sequence: it stands for the layout only if all that change the layout do, and serves hints only if hints do not.</summary>
public sealed class SequenceMovesTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. SequenceOperation.All.Select(static operation => operation.Name)];

    [KernelTheory(Needs.Bpf | Needs.X64 | Needs.NiceCapability)]
    [MemberData(nameof(Names))]
    public void Sequence_BeforeAndAfterAnOperation_HasMovedOrNot(string name)
    {
        SequenceOperation operation = SequenceOperation.All.Single(operation => operation.Name == name);
        using SequenceTarget target = new();
        Action deed = operation.Prepare(target);
        SequenceReading before = Read(target);

        deed();

        SequenceReading after = Read(target);
        uint moved = after.Sequence - before.Sequence;
        output.WriteLine($"{name}: {moved}");
        Assert.Equal(operation.Moves, !after.IsUnchangedSince(before));
        Assert.Equal(0u, moved % 2);
        Assert.Equal(before.AddressSpace, after.AddressSpace);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.X64)]
    public void Sequence_Untouched_DoesNotMove()
    {
        // The control: what the harness itself does between two readings moves nothing.
        using SequenceTarget target = new();
        SequenceReading before = Read(target);
        for (int i = 0; i < 20; i++)
        {
            target.Process.Send("ping");
            target.Call(39);   // getpid
            Assert.True(Read(target).IsUnchangedSince(before));
        }
    }

    private static SequenceReading Read(SequenceTarget target)
    {
        Assert.True(SequenceReader.Shared.TryRead(target.Process.Pid, out SequenceReading reading), $"{reading.State}");
        return reading;
    }
}
