using System.Text;
using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class MapsLineTests
{
    private const string Tail = " rw-p 00000000 00:00 0 ";

    [Fact]
    public void TryParse_FileLine_GivesEveryField()
    {
        byte[] line = "7f214c3a0000-7f214c3a2000 r-xs 0001f000 fe:0a 11657965                   /tmp/a b"u8.ToArray();
        VmaRecord vma = default;
        Assert.Equal(MapsLineError.None, MapsLine.TryParse(line, ref vma));
        Assert.Equal(0x7f214c3a0000ul, vma.Start);
        Assert.Equal(0x7f214c3a2000ul, vma.End);
        Assert.Equal(VmaPermissions.Read | VmaPermissions.Execute | VmaPermissions.Shared, vma.Permissions);
        Assert.Equal(0x1f000ul, vma.Offset);
        Assert.Equal(0xfeu << 20 | 0x0a, vma.Device);
        Assert.Equal(11657965ul, vma.Inode);
        Assert.Equal("/tmp/a b", Encoding.UTF8.GetString(line, vma.NameStart, vma.NameLength));
    }

    [Fact]
    public void TryParse_AnonymousLine_ClearsWhatTheRecordHeldBefore()
    {
        VmaRecord vma = default;
        Assert.Equal(MapsLineError.None, MapsLine.TryParse("00400000-00401000 rwxs 00001000 08:01 5 /a"u8, ref vma));
        Assert.Equal(MapsLineError.None, MapsLine.TryParse("00401000-00402000 ---p 00000000 00:00 0 "u8, ref vma));
        Assert.Equal(new VmaRecord { Start = 0x401000, End = 0x402000 }, vma);
    }

    [Fact]
    public void TryParse_Vsyscall_KeepsAddressesAboveLongMaxValue()
    {
        VmaRecord vma = default;
        Assert.Equal(MapsLineError.None, MapsLine.TryParse("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]"u8, ref vma));
        Assert.Equal(0xffff_ffff_ff60_0000ul, vma.Start);
        Assert.Equal(0xffff_ffff_ff60_1000ul, vma.End);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/plain")]
    [InlineData("/two  spaces and one after ")]
    [InlineData("/tab\tin")]
    [InlineData("/new\\012line")]
    [InlineData("/not gone (deleted)")]
    [InlineData("anon_inode:[io_uring]")]
    [InlineData("[anon:a b]")]
    [InlineData("/quote\"comma,")]
    public void TryParse_Name_IsTakenByteForByte(string name)
    {
        byte[] line = Encoding.UTF8.GetBytes("00400000-00401000 r--p 00000000 fe:00 7 " + name);
        VmaRecord vma = default;
        Assert.Equal(MapsLineError.None, MapsLine.TryParse(line, ref vma));
        Assert.Equal(name, Encoding.UTF8.GetString(line, vma.NameStart, vma.NameLength));
    }

    [Fact]
    public void TryParse_NameOfEveryByteAndLongerThanAPage_IsTaken()
    {
        byte[] name = [(byte)'/', .. Enumerable.Range(0, 10_000).Select(static i => (byte)i).Where(static b => b != '\n')];
        byte[] line = [.. "00400000-00401000 r--p 00000000 fe:00 7 "u8, .. name];
        VmaRecord vma = default;
        Assert.Equal(MapsLineError.None, MapsLine.TryParse(line, ref vma));
        Assert.Equal(name, line.AsSpan(vma.NameStart, vma.NameLength).ToArray());
    }

    [Theory]
    [InlineData("", nameof(MapsLineError.Start))]
    [InlineData(" 00400000-00401000" + Tail, nameof(MapsLineError.Start))]
    [InlineData("-00401000" + Tail, nameof(MapsLineError.Start))]
    [InlineData("0040000G-00401000" + Tail, nameof(MapsLineError.Start))]
    [InlineData("0040000A-00401000" + Tail, nameof(MapsLineError.Start))]
    [InlineData("0x400000-00401000" + Tail, nameof(MapsLineError.Start))]
    [InlineData("10000000000000000-10000000000001000" + Tail, nameof(MapsLineError.Start))]
    [InlineData("00400000", nameof(MapsLineError.Start))]
    [InlineData("00400000-00401000", nameof(MapsLineError.End))]
    [InlineData("00400000- rwxp", nameof(MapsLineError.End))]
    [InlineData("00400000-00401000\trw-p 00000000 00:00 0 ", nameof(MapsLineError.End))]
    [InlineData("00401000-00401000" + Tail, nameof(MapsLineError.EmptyRange))]
    [InlineData("00402000-00401000" + Tail, nameof(MapsLineError.EmptyRange))]
    [InlineData("00400000-00401000 ", nameof(MapsLineError.Permissions))]
    [InlineData("00400000-00401000 rw-", nameof(MapsLineError.Permissions))]
    [InlineData("00400000-00401000 rw-p", nameof(MapsLineError.Permissions))]
    [InlineData("00400000-00401000 rw-- 00000000 00:00 0 ", nameof(MapsLineError.Permissions))]
    [InlineData("00400000-00401000 wr-p 00000000 00:00 0 ", nameof(MapsLineError.Permissions))]
    [InlineData("00400000-00401000 Rw-p 00000000 00:00 0 ", nameof(MapsLineError.Permissions))]
    [InlineData("00400000-00401000 rw-p  00000000 00:00 0 ", nameof(MapsLineError.Offset))]
    [InlineData("00400000-00401000 rw-p 0000000z 00:00 0 ", nameof(MapsLineError.Offset))]
    [InlineData("00400000-00401000 rw-p 00000000", nameof(MapsLineError.Offset))]
    [InlineData("00400000-00401000 rw-p 00000000 0000 0 ", nameof(MapsLineError.Device))]
    [InlineData("00400000-00401000 rw-p 00000000 00:0g 0 ", nameof(MapsLineError.Device))]
    [InlineData("00400000-00401000 rw-p 00000000 1000:00 0 ", nameof(MapsLineError.Device))]
    [InlineData("00400000-00401000 rw-p 00000000 00:100000 0 ", nameof(MapsLineError.Device))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 ", nameof(MapsLineError.Inode))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 -1 ", nameof(MapsLineError.Inode))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 +1 ", nameof(MapsLineError.Inode))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 x ", nameof(MapsLineError.Inode))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 18446744073709551616 ", nameof(MapsLineError.Inode))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 0", nameof(MapsLineError.Truncated))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 0/a", nameof(MapsLineError.Truncated))]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 0\t/a", nameof(MapsLineError.Truncated))]
    public void TryParse_OtherText_SaysWhichFieldIsWrong(string line, string error)
    {
        VmaRecord vma = default;
        Assert.Equal(error, MapsLine.TryParse(Encoding.UTF8.GetBytes(line), ref vma).ToString());
    }

    [Fact]
    public void TryParse_LineCutAnywhereBeforeItsName_IsRefused()
    {
        byte[] line = "7f214c3a0000-7f214c3a2000 r-xs 0001f000 fe:0a 11657965                   /tmp/a"u8.ToArray();
        int nameless = line.AsSpan().IndexOf("11657965 "u8) + 9;
        for (int length = 0; length < line.Length; length++)
        {
            VmaRecord vma = default;
            Assert.Equal(length >= nameless, MapsLine.TryParse(line.AsSpan(0, length), ref vma) == MapsLineError.None);
        }
    }

    [Fact]
    public void TryParse_AnyPermissions_GivesThem()
    {
        for (int i = 0; i < 16; i++)
        {
            VmaRecord expected = new() { Start = 0x7f0000000000, End = 0x7f0000001000, Permissions = (VmaPermissions)i }, slow = default, fast = default;
            byte[] line = TestLayout.Line(in expected, []);
            Assert.Equal(MapsLineError.None, MapsLine.TryParse(line, ref slow));
            Assert.True(MapsLine.TryParseAnonymous([.. line, (byte)'\n', .. new byte[16]], ref fast, out int length));
            Assert.Equal(line.Length + 1, length);
            Assert.Equal(expected, slow);
            Assert.Equal(expected, fast);
        }
    }

    [Theory]
    [InlineData("7f0a1b2c3000-7f0a1b2c9000 rw-p 00000000 00:00 0 ")]
    [InlineData("00400000-00401000 rw-p 00000000 00:00 0 ")]
    [InlineData("ff0a1b2c3000fff-ff0a1b2c9000fff rw-p 00000000 00:00 0 ")]
    public void TryParseAnonymous_AnyByteInAnyPlace_AgreesWithTryParse(string line)
    {
        byte[] text = [.. Encoding.ASCII.GetBytes(line), (byte)'\n', .. "ffffffffffffffff"u8];
        for (int place = 0; place <= line.Length; place++)
        {
            for (int b = 0; b < 256; b++)
            {
                byte[] changed = [.. text];
                changed[place] = (byte)b;
                VmaRecord fast = default, slow = default;
                int end = changed.AsSpan().IndexOf((byte)'\n');
                bool isAnonymous = end == line.Length
                    && MapsLine.TryParse(changed.AsSpan(0, end), ref slow) == MapsLineError.None
                    && slow is { Offset: 0, Device: 0, Inode: 0, NameLength: 0 };
                Assert.True(MapsLine.TryParseAnonymous(changed, ref fast, out int length) == isAnonymous, $"byte {b:x2} at {place}");
                Assert.True(!isAnonymous || (fast.Equals(slow) && length == end + 1), $"byte {b:x2} at {place}");
            }
        }
    }

    [Fact]
    public void TryParseAnonymous_NearTheEndOfTheText_LooksAtNothingAfterIt()
    {
        byte[] text = [.. "7f0a1b2c3000-7f0a1b2c9000 rw-p 00000000 00:00 0 \n"u8, .. new byte[16]];
        int taken = 0;
        for (int length = 0; length <= text.Length; length++)
        {
            VmaRecord vma = default;
            bool isTaken = MapsLine.TryParseAnonymous(text.AsSpan(0, length), ref vma, out int bytes);
            Assert.True(!isTaken || bytes <= length);
            taken += isTaken ? 1 : 0;
        }

        Assert.True(taken > 0);
    }

    [Theory]
    [MemberData(nameof(TestLayout.Fixtures), MemberType = typeof(TestLayout))]
    public void Format_LineOfProcess_WritesTheSameLine(string fixture)
    {
        foreach (byte[] line in TestLayout.Lines(TestLayout.Fixture(fixture)))
        {
            VmaRecord vma = default;
            Assert.Equal(MapsLineError.None, MapsLine.TryParse(line, ref vma));
            Assert.Equal(line, TestLayout.Line(in vma, line.AsSpan(vma.NameStart, vma.NameLength)));
        }
    }

    [Fact]
    public void Format_AnyRecord_IsParsedBack() =>
        TestGen.Record.Sample(static (record, name) =>
        {
            byte[] line = TestLayout.Line(in record, name);
            VmaRecord vma = default;
            Assert.Equal(MapsLineError.None, MapsLine.TryParse(line, ref vma));
            Assert.Equal(name, line.AsSpan(vma.NameStart, vma.NameLength).ToArray());
            vma.NameStart = record.NameStart;
            vma.NameLength = record.NameLength;
            Assert.Equal(record, vma);
        }, iter: 5_000);

    [Fact]
    public void Format_BufferTooSmall_SaysSo()
    {
        VmaRecord vma = new() { Start = 0x1000, End = 0x2000 };
        Assert.Equal(-1, MapsLine.Format(new byte[100], in vma, new byte[50]));
        Assert.Equal(-1, MapsLine.Format([], in vma, []));
    }

    [Fact]
    public void Format_LongestNumbers_FitIntoTheBufferItAsksFor()
    {
        VmaRecord vma = new() { Start = ulong.MaxValue - 1, End = ulong.MaxValue, Offset = ulong.MaxValue, Inode = ulong.MaxValue, Device = uint.MaxValue };
        byte[] buffer = new byte[MapsLine.NameColumn + 32 + 3];
        Assert.Equal("fffffffffffffffe-ffffffffffffffff ---p ffffffffffffffff fff:fffff 18446744073709551615  /ab", Encoding.UTF8.GetString(buffer, 0, MapsLine.Format(buffer, in vma, "/ab"u8)));
    }
}
