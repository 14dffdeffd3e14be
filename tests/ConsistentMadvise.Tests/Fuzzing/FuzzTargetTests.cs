using System.Text;
using ConsistentMadvise.Fuzz;
using CsCheck;

namespace ConsistentMadvise.Tests;

/// <summary>The oracles of the fuzzer over inputs that are made, not found: the same properties, in every run of the tests, and with shrinking.</summary>
public sealed class FuzzTargetTests
{
    private static readonly string[] Flags = ["all", "anon", "file", "private", "shared", "heap", "stack", "r", "w", "x"];

    private static readonly Gen<string> Path =
        TestGen.OneOf('/', 'a', '*', '?', '"', '\\', ',', ' ', '!', '[', 'ä').Array[0, 8].Select(static c => new string(c).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));

    private static readonly Gen<string> Term = Gen.OneOf(
        TestGen.OneOf(Flags),
        Gen.Select(TestGen.OneOf("=", ">=", "<=", ">", "<"), Gen.ULong[0, 2000], TestGen.OneOf("", "K", "M", "G", "T"), static (o, n, unit) => $"size{o}{n}{unit}"),
        Gen.Select(TestGen.OneOf('r', '-', '?'), TestGen.OneOf('w', '-', '?'), TestGen.OneOf('x', '-', '?'), TestGen.OneOf('s', 'p', '?'), static (r, w, x, s) => $"perms={r}{w}{x}{s}"),
        Path.Select(static path => $"path=\"{path}\""),
        Gen.ULong.Select(static inode => $"inode={inode % 12}"),
        Gen.Select(Gen.Int[0, 300], Gen.Int[1, 300], static (start, length) => $"addr={TestGen.Pages(start, start + length)}"));

    private static readonly Gen<string> Filter =
        Gen.Select(TestGen.OneOf("", "!", " ! "), Term, TestGen.OneOf("", " ")).Select(static (negation, term, space) => negation + term + space).Array[1, 5]
            .Select(static terms => string.Join(',', terms));

    private static readonly Gen<string> Token =
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.ULong, Gen.ULong, Gen.Int[0, int.MaxValue], Gen.ULong, Gen.ULong, Gen.UInt, Gen.Bool).Select(
            static (pid, start, inode, vmas, hash, execs, sequence, hasStamp) => new LayoutToken(
                new ProcessIdentity(pid, start >> (int)(hash % 64), inode >> (int)(start % 64)), vmas, new UInt128(hash, start),
                hasStamp ? new SequenceStamp(sequence, execs, (long)(inode >> 1)) : null).ToString());

    [Fact]
    public void Check_AnyLayout_ItsTextHoldsWhereverReadsEnd() =>
        TestGen.Layout.Sample(static layout => FuzzTarget.Find("maps")!.Run([.. layout.SelectMany(static vma => TestLayout.Line(vma).Append((byte)'\n'))]), iter: 300);

    [Fact]
    public void Check_AnyLines_AreReadAsTheGrammarSays() =>
        TestGen.Record.Array[0, 8].Sample(
            static lines => FuzzTarget.Find("maps")!.Run([.. lines.SelectMany(static line => TestLayout.Line(in line.Record, line.Name).Append((byte)'\n'))]), iter: 300);

    [Fact]
    public void Check_AnyFilter_IsTheConjunctionOfItsTerms() => Filter.Sample(static text =>
    {
        Assert.True(VmaFilter.TryParse(text, out _, out _), text);
        Run("filter", text);
    }, iter: 1_000);

    [Fact]
    public void Check_AnyToken_IsTakenAsItIsWritten() => Token.Sample(static text =>
    {
        Assert.True(LayoutToken.TryParse(text, null, out _));
        Run("token", text);
    }, iter: 1_000);

    [Fact]
    public void Check_AnyPlan_HoldsTheRulesOfPlans() => TestGen.Layout.Sample(static layout =>
    {
        string json = HintPlan.Create(layout, Advice.Cold, static _ => true).ToJson();
        Assert.True(HintPlan.TryFromJson(json, out _, out _));
        Run("plan", json);
    }, iter: 300);

    [Theory]
    [InlineData("maps", 300)]
    [InlineData("btf", 1000)]
    [InlineData("filter", 1000)]
    [InlineData("token", 1000)]
    [InlineData("plan", 1000)]
    public void Check_CorpusWithDamage_Holds(string target, int inputs)
    {
        byte[][] corpus = [.. CorpusTests.Files(target).Select(File.ReadAllBytes)];
        Gen.Select(Gen.Int[0, corpus.Length - 1], Gen.Select(Gen.Int, Gen.Int[0, 3], Gen.Byte).Array[1, 4])
            .Sample((file, damages) => FuzzTarget.Find(target)!.Run(Damage(corpus[file], damages)), iter: inputs);
    }

    private static void Run(string target, string text) => FuzzTarget.Find(target)!.Run(Encoding.UTF8.GetBytes(text));

    private static byte[] Damage(byte[] input, (int Place, int Kind, byte Value)[] damages)
    {
        List<byte> bytes = [.. input];
        foreach ((int place, int kind, byte value) in damages)
        {
            int at = (int)((uint)place % (uint)(bytes.Count + 1));
            int length = Math.Min(value, bytes.Count - at);
            switch (kind)
            {
                case 0: bytes.Insert(at, value); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                default:
                    if (at < bytes.Count)
                    {
                        bytes[at] = value;
                    }

                    break;
            }
        }

        return [.. bytes];
    }
}
