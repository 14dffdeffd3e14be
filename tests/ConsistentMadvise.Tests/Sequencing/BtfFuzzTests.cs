using Xunit.Abstractions;

namespace ConsistentMadvise.Tests;

public sealed class BtfFuzzTests(ITestOutputHelper output)
{
    private const int Seed = 20260131;

    [Fact]
    public void Read_EveryTruncation_IsRefusedWithAReason()
    {
        byte[] kernel = TestBtf.Kernel;
        for (int length = 0; length < kernel.Length; length++)
        {
            SequenceAvailability availability = SequenceSymbolReader.Read(kernel.AsSpan(0, length), out SequenceSymbols? symbols);
            Assert.Equal(SequenceObstacle.BadTypeInformation, availability.Obstacle);
            Assert.Null(symbols);
        }
    }

    [Fact]
    public void Read_EveryTruncationOfASection_IsReadOrRefused()
    {
        // The header describes less than there is: types end within a type, names within a name.
        byte[] kernel = (byte[])TestBtf.Kernel.Clone();
        int types = BitConverter.ToInt32(kernel, 12), strings = BitConverter.ToInt32(kernel, 20);
        for (int length = 0; length < types; length++)
        {
            BitConverter.TryWriteBytes(kernel.AsSpan(12), length);
            Assert.False(SequenceSymbolReader.Read(kernel, out _).IsAvailable);
        }

        BitConverter.TryWriteBytes(kernel.AsSpan(12), types);
        for (int length = 0; length < strings - 1; length++)
        {
            BitConverter.TryWriteBytes(kernel.AsSpan(20), length);
            Assert.False(SequenceSymbolReader.Read(kernel, out _).IsAvailable);
        }
    }

    [Fact]
    public void Read_FiftyThousandMutations_AreReadOrRefused()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        byte[] kernel = TestBtf.Kernel;
        byte[] types = new byte[kernel.Length];
        Dictionary<SequenceObstacle, int> seen = [];
        for (int i = 0; i < 50_000; i++)
        {
            kernel.CopyTo(types, 0);
            Mutate(random, types);
            SequenceAvailability availability = SequenceSymbolReader.Read(types, out SequenceSymbols? symbols);
            Assert.Equal(availability.IsAvailable, symbols is not null);
            Assert.Equal(availability.IsAvailable, availability.Reason.Length == 0);
            seen[availability.Obstacle] = seen.GetValueOrDefault(availability.Obstacle) + 1;
        }

        // Each must happen often, or the mutations prove nothing.
        output.WriteLine(string.Join(", ", seen));
        Assert.True(seen[SequenceObstacle.None] > 1000);
        Assert.True(seen[SequenceObstacle.BadTypeInformation] > 1000);
        Assert.True(seen[SequenceObstacle.FieldMissing] > 1000);
    }

    [Fact]
    public void TryRead_MutatedTypes_AreReadWhole()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        byte[] types = new byte[TestBtf.Kernel.Length];
        int members = 0;
        for (int i = 0; i < 2_000; i++)
        {
            TestBtf.Kernel.CopyTo(types, 0);
            Mutate(random, types);
            if (Btf.TryOpen(types, out Btf btf) == BtfError.None)
            {
                members += ReadAll(btf);
            }
        }

        Assert.True(members > 100_000);
    }

    private static int ReadAll(Btf btf)
    {
        int members = 0;
        BtfFieldFinder finder = new(btf);
        for (uint id = 1; id <= (uint)btf.Count; id++)
        {
            Assert.True(btf.TryRead(id, out BtfType type));
            finder.TryResolve(id, out _);
            finder.TryFind(id, "wanted"u8, out _);
            members += type.Count;
        }

        return members;
    }

    private static void Mutate(Random random, byte[] types)
    {
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            // Small numbers are more often a valid reference than others; the header and the names are hit often enough by their share.
            int at = random.Next(8) == 0 ? random.Next(24) : random.Next(types.Length);
            types[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)random.Next(32),
                _ => (byte)(types[at] ^ 1 << random.Next(8)),
            };
        }
    }
}
