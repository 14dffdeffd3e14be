namespace ConsistentMadvise.Tests;

public sealed class HeldPartsTests
{
    private const ulong MiB = 1 << 20;
    private static readonly AddressRange[] Ranges = [new(100 * MiB, 200 * MiB), new(200 * MiB, 202 * MiB), new(300 * MiB, 400 * MiB)];

    [Fact]
    public void Add_Nothing_HoldsNothing() => Assert.Empty(new HeldParts(Ranges, 16 * MiB).ToHeldMemory().Ranges);

    [Fact]
    public void Add_RegionOverTwoRangesAndAGap_IsCutWhereTheyMeet()
    {
        HeldParts parts = new(Ranges, 16 * MiB);
        parts.Add(190 * MiB, 310 * MiB);

        HeldMemory held = parts.ToHeldMemory();

        Assert.Equal([new(190 * MiB, 200 * MiB), new(200 * MiB, 202 * MiB), new(300 * MiB, 310 * MiB)], held.Ranges);
        Assert.Equal([0, 1, 2], held.Origins);
    }

    [Fact]
    public void Add_SmallGap_IsNoReasonForAnotherPart()
    {
        HeldParts parts = new(Ranges, 16 * MiB);
        parts.Add(100 * MiB, 102 * MiB);
        parts.Add(110 * MiB, 112 * MiB);
        parts.Add(150 * MiB, 152 * MiB);

        Assert.Equal([new(100 * MiB, 112 * MiB), new(150 * MiB, 152 * MiB)], parts.ToHeldMemory().Ranges);
    }

    [Fact]
    public void Add_OnePage_IsItsHugePageWithinTheRange()
    {
        HeldParts parts = new([new(HugePage.Bytes + 4096, 8 * HugePage.Bytes)], HugePage.Bytes);
        parts.Add(HugePage.Bytes + 8192, HugePage.Bytes + 12288);
        parts.Add((4 * HugePage.Bytes) + 4096, (4 * HugePage.Bytes) + 8192);

        Assert.Equal([new(HugePage.Bytes + 4096, 2 * HugePage.Bytes), new(4 * HugePage.Bytes, 5 * HugePage.Bytes)], parts.ToHeldMemory().Ranges);
    }
}
