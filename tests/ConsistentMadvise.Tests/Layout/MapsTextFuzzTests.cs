using System.Text;
using Xunit.Abstractions;

namespace ConsistentMadvise.Tests;

public sealed class MapsTextFuzzTests(ITestOutputHelper output)
{
    private const int Seed = 20260131;

    [Fact]
    public void TryParse_HundredThousandRandomTexts_AreParsedOrRefused()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        List<byte[]> lines = [.. TestLayout.FixtureNames.SelectMany(static name => TestLayout.Lines(TestLayout.Fixture(name)))];
        int parsed = 0, refused = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] text = i % 4 == 0 ? Noise(random) : Mutate(random, lines[random.Next(lines.Count)]);
            VmaRecord vma = default;
            if (MapsLine.TryParse(text, ref vma) != MapsLineError.None)
            {
                refused++;
                continue;
            }

            parsed++;
            Assert.True(vma.Start < vma.End, Describe(i, text));
            ReadOnlySpan<byte> name = text.AsSpan(vma.NameStart, vma.NameLength);
            byte[] canonical = TestLayout.Line(in vma, name);
            VmaRecord again = default;
            Assert.True(MapsLine.TryParse(canonical, ref again) == MapsLineError.None, Describe(i, text));
            Assert.True(canonical.AsSpan().SequenceEqual(TestLayout.Line(in again, canonical.AsSpan(again.NameStart, again.NameLength))), Describe(i, text));
        }

        // Both must happen often, or the texts prove nothing.
        output.WriteLine($"{parsed} parsed, {refused} refused");
        Assert.True(parsed > 10_000 && refused > 10_000);
    }

    [Fact]
    public async Task ReadAsync_ThousandDamagedFiles_AreReadOrRefusedAndTheReaderGoesOn()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        byte[] whole = TestLayout.Fixture("sh");
        (VmaTable expected, UInt128 hash) = TestLayout.Read(whole);
        LayoutReader reader = new();
        int refused = 0;
        for (int i = 0; i < 1_000; i++)
        {
            using TextFile damaged = new(Mutate(random, whole));
            try
            {
                await reader.ReadAsync(damaged.Descriptor, CancellationToken.None);
            }
            catch (InvalidDataException e)
            {
                refused++;
                Assert.Contains("maps line", e.Message, StringComparison.Ordinal);
            }

            using TextFile good = new(whole);
            (_, VmaTable vmas, UInt128 again) = await reader.ReadAsync(good.Descriptor, CancellationToken.None);
            Assert.Equal((expected.Count, hash), (vmas.Count, again));
        }

        Assert.InRange(refused, 100, 999);
    }

    private static byte[] Noise(Random random)
    {
        byte[] text = new byte[random.Next(200)];
        random.NextBytes(text);
        return text;
    }

    private static byte[] Mutate(Random random, byte[] line)
    {
        List<byte> text = [.. line];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(text.Count);
            byte b = random.Next(2) == 0 ? (byte)random.Next(256) : "0123456789abcdef-: rwxsp"u8[random.Next(24)];
            switch (random.Next(4))
            {
                case 0: text[at] = b; break;
                case 1: text.Insert(at, b); break;
                case 2 when text.Count > 1: text.RemoveAt(at); break;
                default: text.RemoveRange(at, Math.Min(random.Next(20), text.Count - at)); text.Add(b); break;
            }
        }

        return [.. text];
    }

    private static string Describe(int index, byte[] text) => $"text {index} of seed {Seed}: {Encoding.Latin1.GetString(text)}";
}
