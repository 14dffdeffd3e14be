namespace ConsistentMadvise.KernelTests;

/// <summary>Each command does what it says, as maps shows it from outside.</summary>
public sealed class MappingCommandTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void Map_WithProtection_AddsThatLineAndNoOther()
    {
        foreach ((string protection, string permissions) in ((string, string)[])[("rw", "rw-p"), ("r", "r--p"), ("rx", "r-xp"), ("none", "---p")])
        {
            IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);

            ulong address = _target.Map(16, protection);

            IReadOnlyList<MapsEntry> after = MapsEntry.ReadAll(_target.Pid);
            Assert.Equal([new MapsEntry(address, address + (16 * Page), permissions, "")], after.Except(before));
            Assert.Equal(before.Count + 1, after.Count);
            Assert.Equal(after.Count, _target.CountVmas());
        }

        _target.AssertRuns();
    }

    [Theory]
    [InlineData(false, "rw-p")]
    [InlineData(true, "rw-s")]
    public void MapFile_PrivateOrShared_AddsThatLine(bool shared, string permissions)
    {
        string path = Path.GetTempFileName();
        try
        {
            ulong address = _target.MapFile(path, 2, shared);

            Assert.Equal(new MapsEntry(address, address + (2 * Page), permissions, path), MapsEntry.At(_target.Pid, address));
            _target.AssertRuns();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Unmap_Middle_LeavesTwoEnds()
    {
        ulong address = _target.Map(10);

        _target.Unmap(address + (4 * Page), 2);

        Assert.Equal(address + (4 * Page), MapsEntry.At(_target.Pid, address).End);
        Assert.Equal(address + (10 * Page), MapsEntry.At(_target.Pid, address + (6 * Page)).End);
        _target.AssertRuns();
    }

    [Fact]
    public void Protect_Part_SplitsTheLine()
    {
        ulong address = _target.Map(4);

        _target.Protect(address, 1, "r");

        Assert.Equal("r--p", MapsEntry.At(_target.Pid, address).Permissions);
        Assert.Equal("rw-p", MapsEntry.At(_target.Pid, address + Page).Permissions);
        _target.AssertRuns();
    }

    [Fact]
    public void Remap_InPlaceThenMoved_KeepsContents()
    {
        ulong address = _target.MapTouched(4);

        Assert.Equal(address, _target.Remap(address, 4, 8));
        Assert.Equal(address + (8 * Page), MapsEntry.At(_target.Pid, address).End);
        ulong moved = _target.Remap(address, 8, 6, move: true);

        Assert.NotEqual(address, moved);
        Assert.DoesNotContain(MapsEntry.ReadAll(_target.Pid), entry => entry.Start == address);
        Assert.Equal(moved + (6 * Page), MapsEntry.At(_target.Pid, moved).End);
        Assert.Equal((4, 0), _target.Resident(moved, 6));
        _target.AssertRuns();
    }

    [Fact]
    public void Break_GrowAndShrink_MovesTheEndOfTheHeap()
    {
        ulong Heap() => MapsEntry.ReadAll(_target.Pid).Last(static entry => entry.Path == "[heap]").End;
        ulong before = Heap();

        Assert.Equal(before + (16 * Page), _target.Break(16));
        Assert.Equal(before + (16 * Page), Heap());
        Assert.Equal(before + (6 * Page), _target.Break(-10));
        Assert.Equal(before + (6 * Page), Heap());
        Assert.Throws<RaceTargetException>(() => _target.Break(-10));
        _target.AssertRuns();
    }

    [Fact]
    public void Replace_Same_IsUnseenInMapsButLosesThePages()
    {
        ulong address = _target.MapTouched(8);
        string before = MapsEntry.ReadText(_target.Pid);

        _target.ReplaceWithSame(address, 8);

        Assert.Equal(before, MapsEntry.ReadText(_target.Pid));
        Assert.Equal((0, 0), _target.Resident(address, 8));
        _target.AssertRuns();
    }

    [Fact]
    public void Replace_Other_ChangesOneLine()
    {
        ulong address = _target.Map(8);
        IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);

        _target.ReplaceWithOther(address, 8);

        Assert.Equal([new MapsEntry(address, address + (8 * Page), "r--p", "")], MapsEntry.ReadAll(_target.Pid).Except(before));
        _target.AssertRuns();
    }

    [Fact]
    public void Fields_ManyPages_MakesThatManyLinesOfTouchedPages()
    {
        const int Count = 5_000;
        int before = _target.CountVmas();

        (ulong address, ulong stride) = _target.Fields(Count, 2);

        Assert.Equal(2 * Page, stride);
        Assert.Equal(before + Count, _target.CountVmas());
        Assert.Equal(Count, MapsEntry.ReadAll(_target.Pid).Count(entry => entry.Start >= address && entry.End - entry.Start == stride && entry.End <= address + (Count * stride)));
        Assert.Equal((Count * 2, 0), _target.Resident(address, Count * 2));
        _target.AssertRuns();
    }
}
