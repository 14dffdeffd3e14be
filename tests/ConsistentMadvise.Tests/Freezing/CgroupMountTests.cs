using System.Text;

namespace ConsistentMadvise.Tests;

/// <summary>Where a group of <c>/proc/PID/cgroup</c> is, by the text of <c>/proc/self/mountinfo</c>.</summary>
public sealed class CgroupMountTests
{
    [Theory]
    [InlineData("/", "/sys/fs/cgroup", "/a/b", "/sys/fs/cgroup/a/b")]
    [InlineData("/", "/sys/fs/cgroup", "/", "/sys/fs/cgroup")]
    [InlineData("/pod/ctr", "/sys/fs/cgroup", "/pod/ctr/app", "/sys/fs/cgroup/app")]
    [InlineData("/pod/ctr", "/sys/fs/cgroup", "/pod/ctr", "/sys/fs/cgroup")]
    [InlineData("/pod/ctr", "/sys/fs/cgroup", "/pod/ctr2/app", null)]
    [InlineData("/pod/ctr", "/sys/fs/cgroup", "/", null)]
    [InlineData("/", "/sys/fs/cgroup", "/../other", null)]
    [InlineData("/", "/sys/fs/cgroup", "/..", null)]
    [InlineData("/..", "/mnt", "/../other/x", "/mnt/other/x")]
    [InlineData("/..", "/mnt", "/../../x", null)]
    [InlineData("/..", "/mnt", "/x", null)]
    [InlineData("/", "/", "/a", "/a")]
    [InlineData("/", "/sys/fs/cgroup", "/..a/b", "/sys/fs/cgroup/..a/b")]
    public void TryMap_AGroup_IsWhereTheMountShowsIt(string root, string point, string path, string? expected)
    {
        bool isShown = new CgroupMount(new BytePath(root), new BytePath(point)).TryMap(Encoding.UTF8.GetBytes(path), out BytePath directory);

        Assert.Equal((expected is not null, expected ?? string.Empty), (isShown, directory.ToString()));
    }

    [Fact]
    public void Parse_SeveralMountsWithEscapesAndTags_AreThoseOfCgroupV2()
    {
        const string Text = """
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            38 31 0:34 / /sys/fs/cgroup/blkio rw,relatime shared:7 - cgroup cgroup rw,blkio
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            57 47 0:38 /a\040b\134\011c /mnt/x\040y\012z rw,relatime shared:1 master:2 - cgroup2 none\040 rw
            58 47 0:38 / /mnt/-\040cgroup2 rw - ext4 /dev/vda rw

            """;

        Assert.Equal(
            [new CgroupMount(new BytePath("/"), new BytePath("/sys/fs/cgroup/unified")), new CgroupMount(new BytePath("/a b\\\tc"), new BytePath("/mnt/x y\nz"))],
            CgroupMount.Parse(Encoding.UTF8.GetBytes(Text)));
    }

    [Theory]
    [InlineData("a\\040b", "a b")]
    [InlineData("\\134040", "\\040")]
    [InlineData("\\04", "\\04")]
    [InlineData("\\049", "\\049")]
    [InlineData("\\", "\\")]
    public void Unescape_OctalTriples_AreBytes(string text, string expected) =>
        Assert.Equal(expected, CgroupMount.Unescape(Encoding.UTF8.GetBytes(text)).ToString());

    [Fact]
    public void TryMap_NameThatIsNotUtf8_KeepsItsBytes()
    {
        byte[] path = [.. "/caf"u8, 0xE9];

        Assert.True(new CgroupMount(new BytePath("/"), new BytePath("/cg")).TryMap(path, out BytePath directory));
        Assert.Equal([.. "/cg/caf"u8, 0xE9], directory.Bytes.ToArray());
    }

    [Theory]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/a", "/a", true)]
    [InlineData("/ab", "/a", false)]
    [InlineData("/a", "/", true)]
    [InlineData("/a", "/a/b", false)]
    public void IsWithin_APathAndAnother(string path, string ancestor, bool expected) =>
        Assert.Equal(expected, CgroupV2.IsWithin(new BytePath(path).Bytes, new BytePath(ancestor).Bytes));
}
