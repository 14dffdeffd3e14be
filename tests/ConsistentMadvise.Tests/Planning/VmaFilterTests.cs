using System.Text;
using CsCheck;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests;

public sealed class VmaFilterTests
{
    private static readonly LayoutSnapshot Layout = TestLayout.Of(
        "00010000-00020000 r-xp 00000000 fe:00 7                                  /bin/x",
        "00020000-00030000 rw-p 00000000 00:00 0                                  [heap]",
        "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ",
        "7f0000001000-7f0000003000 rw-s 00000000 00:01 9                          /dev/shm/a,b \"q\".so",
        "7f0000003000-7f0000103000 ---p 00000000 00:00 0 ",
        "7fff00000000-7fff00021000 rw-p 00000000 00:00 0                          [stack]",
        "7fff00030000-7fff00032000 r-xp 00000000 00:00 0                          [vdso]");

    [Theory]
    [InlineData("all", "0123456")]
    [InlineData("!all", "")]
    [InlineData("anon", "1245")]
    [InlineData("file", "03")]
    [InlineData("!file,!anon", "6")]
    [InlineData("private", "012456")]
    [InlineData("shared", "3")]
    [InlineData("heap", "1")]
    [InlineData("stack", "5")]
    [InlineData("r", "012356")]
    [InlineData("w", "1235")]
    [InlineData("x", "06")]
    [InlineData("!r", "4")]
    [InlineData("perms=rw-p", "125")]
    [InlineData("perms=r??p", "01256")]
    [InlineData("perms=????", "0123456")]
    [InlineData("!perms=???p", "3")]
    [InlineData("size=4096", "2")]
    [InlineData("size=4K", "2")]
    [InlineData("size>=64K", "0145")]
    [InlineData("size>64K", "45")]
    [InlineData("size<=8K", "236")]
    [InlineData("size<8K", "2")]
    [InlineData("size=1M", "4")]
    [InlineData("size<1G", "0123456")]
    [InlineData("size>=16777215T", "")]
    [InlineData("path=*", "0123456")]
    [InlineData("path=\"\"", "24")]
    [InlineData("path=/bin/?", "0")]
    [InlineData("path=/bin", "")]
    [InlineData("path=[*]", "156")]
    [InlineData("path=\"*a,b \\\"q\\\".so\"", "3")]
    [InlineData("path=\"*\\\\*\"", "")]
    [InlineData("inode=7", "0")]
    [InlineData("inode=0", "12456")]
    [InlineData("inode=\"9\"", "3")]
    [InlineData("addr=7f0000000000-7f0000001001", "23")]
    [InlineData("addr=0x10000-0x20000", "0")]
    [InlineData("addr=0-10000", "")]
    [InlineData("anon,private,size>=64K,!stack", "14")]
    [InlineData("  anon , !  stack ,size  >=  64K  ", "14")]
    [InlineData("anon,!anon", "")]
    public void Matches_Text_SelectsTheVmas(string text, string expected)
    {
        VmaFilter filter = VmaFilter.Parse(text);
        Assert.Equal(expected, string.Concat(Enumerable.Range(0, Layout.Count).Where(i => filter.Matches(Layout[i]))));
        Assert.Equal(text, filter.ToString());
    }

    [Fact]
    public void Parse_EveryKindOfMistake_SaysWhereAndWhatToWrite()
    {
        string[] texts =
        [
            "", " ", ",", "anon,", "anon,,file", ",anon", "!", "anon,!", "foo", "anon,foo", "Anon", "size2", "64K", "anon file", "anon;file",
            "anon=1", "!heap>=3", "size", "size,anon", "size64K", "size!=64K", "size==64K", "size=>64K", "size>=", "size>= ,anon", "size=64k", "size=64KB", "size=-1",
            "size=1.5M", "size=K", "size=\"\"", "size=18446744073709551616", "size=16777216T", "size=1\0", "path", "path=", "path!=a", "path>a", "path=a\"b\"", "path=\"a",
            "path=\"a\\n\"", "path=\"a\\", "path=\"a\"b", "path=\"a\" \"b\"", "perms=rw", "perms=rw-pp", "perms=rwpx", "perms=-???", "inode=", "inode=1f", "inode=-1",
            "inode>3", "addr=1000", "addr=2000-1000", "addr=1000-1000", "addr=x-y", "all=1", "name=a", "!!anon",
        ];
        StringBuilder table = new();
        foreach (string text in texts)
        {
            Assert.Equal(text == "perms=-???", VmaFilter.TryParse(text, out VmaFilter? filter, out VmaFilterError? error));
            Assert.Equal(filter is null, error is not null);
            if (error is not null)
            {
                Assert.InRange(error.Position, 0, text.Length);
                table.AppendLine(text.Replace('\0', '~')).Append(' ', error.Position).Append("^ ").AppendLine(error.Message.Replace('\0', '~'));
            }
        }

        Snapshot.Match(table.ToString());
    }

    [Fact]
    public void Parse_Mistake_ShowsThePlaceInTheMessage()
    {
        FormatException e = Assert.Throws<FormatException>(() => VmaFilter.Parse("anon, size!=3"));
        Assert.Equal("A term is negated as a whole; write !size= instead of size!=. (position 10)\n  anon, size!=3\n            ^", e.Message);
    }

    [Fact]
    public void Parse_Null_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => VmaFilter.Parse(null!));
        Assert.False(VmaFilter.TryParse(null, out VmaFilter? filter, out VmaFilterError? error));
        Assert.Null(filter);
        Assert.Equal(0, error.Position);
    }

    [Fact]
    public void TryParse_AnyText_IsAFilterOrAnErrorWithinTheText() =>
        Gen.OneOf(
            TestGen.OneOf("anon", "file", "size", "path", "perms", "addr", "inode", "=", ">=", "<", "!", ",", " ", "\"", "\\", "64K", "rw-p", "1000-2000", "*"),
            Gen.Char.Select(static c => c.ToString())).Array[0, 12].Select(string.Concat).Sample(static text =>
        {
            bool isFilter = VmaFilter.TryParse(text, out VmaFilter? filter, out VmaFilterError? error);
            Assert.Equal(isFilter, filter is not null && error is null);
            if (isFilter)
            {
                _ = filter!.Matches(Layout[3]);
                Assert.Equal(text, filter.ToString());
            }
            else
            {
                Assert.InRange(error!.Position, 0, text.Length);
            }
        }, iter: 20_000);

    [Fact]
    public void Parse_QuotedPathOfAnyName_SelectsThatName() =>
        TestGen.OneOf('"', '\\', ',', ' ', '!', '=', 'a', 'ä').Array[1, 12].Sample(static characters =>
        {
            string name = "/" + new string(characters);
            Vma vma = TestLayout.Of("00010000-00020000 r-xp 00000000 fe:00 7                                  " + name)[0];
            string quoted = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            Assert.True(VmaFilter.Parse($"path=\"{quoted}\"").Matches(vma));
            Assert.False(VmaFilter.Parse($"path=\"{quoted}x\"").Matches(vma));
        }, iter: 300);

    [Fact]
    public void Where_Predicate_IsTheFilter()
    {
        VmaFilter filter = VmaFilter.Where(static vma => vma.IsHeap);
        Assert.Equal([1], Enumerable.Range(0, Layout.Count).Where(i => filter.Matches(Layout[i])));
        Assert.False(VmaFilter.TryParse(filter.ToString(), out _, out _));
        Assert.Throws<ArgumentNullException>(() => VmaFilter.Where(null!));
    }

    [Fact]
    public void All_Filter_SelectsEveryVmaAndRoundTrips()
    {
        Assert.All(Layout, static vma => Assert.True(VmaFilter.All.Matches(vma)));
        Assert.Equal("all", VmaFilter.All.ToString());
    }
}
