namespace ConsistentMadvise.Tests;

public sealed class VmaTests
{
    [Theory]
    [InlineData("rw-p 00000000 00:00 0 ", "anon private")]
    [InlineData("rw-s 00000000 00:00 0 ", "anon shared")]
    [InlineData("rw-p 00000000 00:00 0                          [heap]", "anon private heap")]
    [InlineData("rw-p 00000000 00:00 0                          [stack]", "anon private stack")]
    [InlineData("rw-p 00000000 00:00 0                          [anon:glibc: malloc]", "anon private")]
    [InlineData("r-xp 00000000 00:00 0                          [vdso]", "private special")]
    [InlineData("r-xp 00001000 fe:00 7                          /usr/lib/libc.so.6", "file private")]
    [InlineData("rw-s 00000000 00:01 1155                       /dev/zero (deleted)", "file shared")]
    [InlineData("rw-s 00000000 00:01 1154                       /memfd:a name (deleted)", "file shared")]
    [InlineData("rw-s 00000000 00:05 12                         /dev/dri/card0", "file shared special")]
    [InlineData("rw-p 00000000 fe:00 7                          /tmp/[heap]", "file private")]
    [InlineData("rw-s 00000000 00:01 0                          /SYSV00000000 (deleted)", "file shared")]
    [InlineData("rw-s 00000000 00:09 36128                      socket:[36128]", "file shared special")]
    public void Properties_Line_SayWhatKindOfMemoryItIs(string rest, string expected)
    {
        Vma vma = TestLayout.Of("7f0000000000-7f0000003000 " + rest)[0];
        List<string> kinds = [];
        AddIf(vma.IsAnonymous, "anon");
        AddIf(vma.IsFileBacked, "file");
        AddIf(vma.IsPrivate, "private");
        AddIf(vma.IsShared, "shared");
        AddIf(vma.IsHeap, "heap");
        AddIf(vma.IsStack, "stack");
        AddIf(vma.IsSpecial, "special");
        Assert.Equal(expected, string.Join(' ', kinds));
        Assert.Equal(vma.IsPrivate && vma.IsAnonymous, vma.IsPrivateAnonymous);
        Assert.Equal(rest[..4], vma.GetPermissionText());
        Assert.Equal(0x3000ul, vma.Length);

        void AddIf(bool holds, string kind)
        {
            if (holds)
            {
                kinds.Add(kind);
            }
        }
    }

    [Fact]
    public void Properties_FileLine_GiveFileAndName()
    {
        Vma vma = TestLayout.Of("7f0000000000-7f0000001000 r-xp 0001f000 103:0a 11657965                  /a b")[0];
        Assert.Equal((0x1f000ul, 0x103, 0x0a, 11657965ul, "/a b"), (vma.Offset, vma.DeviceMajor, vma.DeviceMinor, vma.Inode, vma.GetName()));
        Assert.Equal("7f0000000000-7f0000001000 r-xp /a b", vma.ToString());
    }

    [Fact]
    public void Name_NotUtf8_ReplacesTheBytesAndKeepsThemInNameBytes()
    {
        Vma vma = TestLayout.FromText(TestLayout.Fixture("hostile")).Single(static vma => vma.NameBytes.IndexOf("not utf8"u8) >= 0);
        Assert.Equal("/tmp/maps-fixture/\ufffd\ufffd not utf8 \ufffd", vma.GetName());
        Assert.True(vma.NameBytes.EndsWith((ReadOnlySpan<byte>)[(byte)' ', 0x80]));
    }

    [Fact]
    public void Equals_SameLineOfTwoSnapshots_IsEqual()
    {
        Vma[] one = [.. TestLayout.FromText(TestLayout.Fixture("node"))];
        Vma[] other = [.. TestLayout.FromText([.. "00001000-00002000 r--p 00000000 fe:00 7 /first\n"u8, .. TestLayout.Fixture("node")])];
        Assert.Equal(one, other[1..]);
        Assert.Equal(one.Select(static vma => vma.GetHashCode()), other[1..].Select(static vma => vma.GetHashCode()));
        Assert.Equal(one.Length, one.Distinct().Count());
        Assert.True(one[0] == other[1] && one[0] != other[2] && !one[0].Equals((object)"text") && one[0].Equals((object)other[1]));
    }

    [Fact]
    public void Default_Vma_IsReadable()
    {
        Vma vma = default;
        Assert.Equal((0ul, "", false), (vma.Length, vma.GetName(), vma.IsSpecial));
    }
}
