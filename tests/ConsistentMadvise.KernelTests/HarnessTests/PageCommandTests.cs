using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

[Collection(SwapTests.Name)]
public sealed class PageCommandTests : IDisposable
{
    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void Touch_FreshPages_MakesThemPresent()
    {
        ulong address = _target.Map(100);
        Assert.Equal((0, 0), _target.Resident(address, 100));
        string maps = MapsEntry.ReadText(_target.Pid);

        _target.Touch(address, 40);

        Assert.Equal((40, 0), _target.Resident(address, 100));
        Assert.Equal(maps, MapsEntry.ReadText(_target.Pid));
        _target.AssertRuns();
    }

    [Fact]
    public void Touch_ReadOnlyPages_IsRefused()
    {
        ulong address = _target.Map(1, "r");

        Assert.Throws<RaceTargetException>(() => _target.Touch(address, 1));
        Assert.Throws<RaceTargetException>(() => _target.Touch(0x1000, 1));
        _target.AssertRuns();
    }

    [Fact]
    public void Read_FilePages_MakesThemPresent()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[8 * 4096]);
            ulong address = _target.MapFile(path, 8);
            _target.Read(address, 8);

            Assert.Equal((8, 0), _target.Resident(address, 8));
            _target.AssertRuns();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Advise_DontNeed_DropsThePages()
    {
        const int DontNeed = 4;
        ulong address = _target.MapTouched(10);

        _target.Advise(address, 4, DontNeed);

        Assert.Equal((6, 0), _target.Resident(address, 10));
        _target.AssertRuns();
    }

    [Fact]
    public void Lock_FreshPages_MakesThemPresent()
    {
        ulong address = _target.Map(10);

        _target.Lock(address, 3);

        Assert.Equal((3, 0), _target.Resident(address, 10));
        _target.AssertRuns();
    }

    [KernelFact(Needs.Swap)]
    public void Resident_PagedOut_CountsThemAsSwapped()
    {
        ulong address = _target.MapTouched(64);

        // Pages still in a processor's LRU batch stay; asked again, they have left it.
        Eventually.Holds(
            () =>
            {
                _target.Advise(address, 64, Uapi.MADV_PAGEOUT);
                return _target.Resident(address, 64) == (0, 64);
            },
            "all pages are in swap");

        _target.Touch(address, 10);
        Assert.Equal((10, 54), _target.Resident(address, 64));
        _target.AssertRuns();
    }
}
