using System.Text;

namespace ConsistentMadvise.Tests;

/// <summary>The line of a journal: two programs write and read it, one of them a shell.</summary>
public sealed class JournalEntryTests
{
    [Theory]
    [InlineData(true, FreezerKind.Signal, 1, 0UL, 0UL, "")]
    [InlineData(false, FreezerKind.Cgroup, int.MaxValue, ulong.MaxValue, ulong.MaxValue, "/sys/fs/cgroup/a")]
    [InlineData(true, FreezerKind.Cgroup, 42, 7UL, 9UL, "/sys/fs/cgroup/ two  spaces ")]
    [InlineData(true, FreezerKind.Cgroup, 42, 7UL, 9UL, "/sys/fs/cgroup/tab\t\\012*?[x]$(y)`z`\"'\u0101\u001b")]
    public void Parse_WhatWasWritten_IsTheSame(bool isHeld, FreezerKind kind, int pid, ulong start, ulong inode, string path)
    {
        JournalEntry entry = new(new JournalEntryHead(isHeld, kind, pid, start, inode, PidfdInode: inode / 2), new BytePath(path));

        Assert.True(JournalEntry.CanHold(new BytePath(path)));
        Assert.True(JournalEntry.TryParse(entry.ToBytes(), out JournalEntry parsed));
        Assert.Equal(entry, parsed);
        Assert.Equal((byte)(isHeld ? '1' : '0'), entry.ToBytes()[0]); // the byte that arming writes
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("2 signal 1 2 0 /\n")]
    [InlineData("1 ptrace 1 2 0 /\n")]
    [InlineData("1 signal 0 2 0 /\n")]
    [InlineData("1 signal -1 2 0 /\n")]
    [InlineData("1 signal 2147483648 2 0 /\n")]
    [InlineData("1 signal 1 x 0 /\n")]
    [InlineData("1 signal 1 2 0\n")]
    [InlineData("1 cgroup 1 2 18446744073709551616 /a/\n")]
    [InlineData("1 cgroup 1 2 3 /cut off")]
    [InlineData("1 cgroup 1 2 3 /cut off\n")]
    public void Parse_WhatNobodyWrote_IsRefused(string text) => Assert.False(JournalEntry.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("/a\nb")]
    [InlineData("/a\n1 signal 1 2 0 ")]
    [InlineData("/a\0b")]
    public void CanHold_APathThatWouldEndTheLine_IsRefused(string path) => Assert.False(JournalEntry.CanHold(new BytePath(path)));

    [Fact]
    public void CanHold_APathTooLongForTheLine_IsRefused() => Assert.False(JournalEntry.CanHold(new BytePath("/" + new string('\u0101', 2048))));

    [Theory]
    [InlineData(1, 2UL, 0UL, true)]
    [InlineData(1, 3UL, 0UL, true)] // the tick of another time namespace
    [InlineData(1, 4UL, 0UL, false)]
    [InlineData(2, 2UL, 0UL, false)]
    [InlineData(2, 3UL, 9UL, true)]
    public void Overlaps_SameProcessOrSameGroup_IsTrue(int pid, ulong start, ulong inode, bool expected)
    {
        JournalEntryHead head = new(true, FreezerKind.Cgroup, 1, 2, 9);

        Assert.Equal(expected, head.Overlaps(new JournalEntryHead(true, inode == 0 ? FreezerKind.Signal : FreezerKind.Cgroup, pid, start, inode)));
    }

    [Fact]
    public void Overlaps_TwoFreezesBySignal_AreNotOneGroup() => Assert.False(
        new JournalEntryHead(true, FreezerKind.Signal, 1, 2, 0).Overlaps(new JournalEntryHead(true, FreezerKind.Signal, 3, 4, 0)));

    [Fact]
    public void Owner_WhatWasWritten_IsTheSame()
    {
        JournalOwner owner = new("b00t-1d", "pid:[4026531836]", 42);

        Assert.Equal(owner, JournalOwner.Parse(owner.ToString()));
        Assert.Equal(owner, JournalOwner.Parse("cm1 b00t-1d pid:[4026531836] 42\n")); // the first version
        Assert.Null(JournalOwner.Parse("cm3 b00t-1d pid:[4026531836] 42\n"));
        Assert.Null(JournalOwner.Parse("cm1 b00t-1d 42\n"));
        Assert.Null(JournalOwner.Parse(string.Empty));
    }

    [Fact]
    public void Guard_WhatWasWritten_IsTheSame()
    {
        GuardIdentity guard = new(42, 77);

        Assert.Equal(guard, GuardIdentity.Parse(guard.ToString()));
        Assert.Equal(new GuardIdentity(42, 77, 9), GuardIdentity.Parse(new GuardIdentity(42, 77, 9).ToString()));
        Assert.Equal(guard, GuardIdentity.Parse("42 77\n")); // the first version
        Assert.Null(GuardIdentity.Parse("0 77\n"));
        Assert.Null(GuardIdentity.Parse("42\n"));
    }

    [Fact]
    public void Roots_OfAnOrdinaryUser_AreItsOwnAndTheUsualOnes()
    {
        Assert.Equal(["/run/consistent-madvise", "/dev/shm/consistent-madvise-0"], JournalRoots.Of(0, "/run/user/1000"));
        Assert.Equal(
            ["/run/user/1000/consistent-madvise", "/dev/shm/consistent-madvise-1000"], JournalRoots.Of(1000, "/run/user/1000/"));
        Assert.Equal(
            ["/x/consistent-madvise", "/run/user/1000/consistent-madvise", "/dev/shm/consistent-madvise-1000"], JournalRoots.Of(1000, "/x"));
        Assert.Equal(2, JournalRoots.Of(1000, null).Count);
        Assert.Equal(2, JournalRoots.Of(1000, "relative").Count);
        Assert.Equal(2, JournalRoots.Of(1000, "/new\nline").Count);
    }
}
