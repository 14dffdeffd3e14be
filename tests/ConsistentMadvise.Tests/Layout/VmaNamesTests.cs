using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class VmaNamesTests
{
    /// <summary>Paths that share beginnings of any length, and names that are no paths.</summary>
    private static readonly Gen<byte[]> Name = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 40], Gen.Int[1, 300], Gen.Int[0, 3]).Select(static (tree, depth, length, leaf) =>
        System.Text.Encoding.ASCII.GetBytes(
            (leaf == 3 ? string.Empty : string.Concat(Enumerable.Range(0, depth).Select(i => $"/{new string((char)('a' + (i < 3 ? tree : 0)), 100 + i)}")) + "/")
            + new string((char)('x' + leaf), length)));

    [Fact]
    public void Keep_AnyNames_GivesEachBackAndKeepsItOnce() =>
        Name.Array[1, 60].Sample(static names =>
        {
            VmaNames table = new();
            int[] ids = Array.ConvertAll(names, name => table.Keep(name));

            for (int i = 0; i < names.Length; i++)
            {
                Assert.True(table[ids[i]].SequenceEqual(names[i]));
                Assert.Equal(ids[i], table.Keep(names[i]));
                Assert.Equal(names.Select(static name => Convert.ToHexString(name)).ToList().IndexOf(Convert.ToHexString(names[i])), Array.IndexOf(ids, ids[i]));
            }
        }, iter: 300);

    [Fact]
    public void Get_LongNamesByTurns_AreEachTheirOwn()
    {
        VmaNames table = new();
        byte[] one = [.. "/a/"u8, .. Enumerable.Repeat((byte)'x', 5000), (byte)'/', (byte)'1'];
        byte[] other = [.. one[..^1], (byte)'2'];
        (int first, int second) = (table.Keep(one), table.Keep(other));

        for (int i = 0; i < 3; i++)
        {
            Assert.True(table[first].SequenceEqual(one) && table[second].SequenceEqual(other));
        }
    }
}
