namespace ConsistentMadvise.KernelTests;

/// <summary>A race target for many cells of the matrix, one after the other: for each it maps the planned memory again.</summary>
internal sealed class Scene : IDisposable
{
    public const int Pages = 16;

    private Sharer? _sharer;
    private Bystander? _bystander;
    private ProcessTarget? _target;
    private UserfaultManager? _userfault;
    private bool _mapsOnSignal;
    private ulong _moved;
    private int _handled;

    public Scene()
    {
        DiskFile.Write(PlannedFile, Bytes);
        DiskFile.Write(CanaryFile, Bytes);
        Process = RaceTargetProcess.Start();
        Cgroup = new TestCgroup(Process.Pid);
        Elsewhere = Process.MapTouched(Pages);
    }

    public RaceTargetProcess Process { get; }

    public TestCgroup Cgroup { get; }

    public string PlannedFile { get; } = Path.GetTempFileName();

    public string CanaryFile { get; } = Path.GetTempFileName();

    /// <summary>Where the planned memory of this cell is: clean private pages of a file.</summary>
    public ulong Planned { get; private set; }

    /// <summary>Touched anonymous memory that no plan names.</summary>
    public ulong Elsewhere { get; private set; }

    /// <summary>Where nothing is mapped.</summary>
    public ulong Free { get; private set; }

    public Sharer Sharer => _sharer!;

    public bool HasSharer => _sharer is not null;

    public UserfaultManager Userfault => _userfault!;

    private static int Bytes => Pages * Environment.SystemPageSize;

    private AddressRange PlannedRange => new(Planned, Planned + (ulong)Bytes);

    /// <summary>Maps what a cell needs, and plans to page it out.</summary>
    /// <param name="target">The target.</param>
    /// <param name="withSequence">Whether the plan has the sequence; without, it is as a machine makes it that cannot read it.</param>
    public HintPlan Begin(ProcessTarget target, bool withSequence)
    {
        _target = target;
        Elsewhere = Process.MapTouched(Pages);
        Free = Process.Map(4);
        Process.Unmap(Free, 4);
        Planned = Process.MapFile(PlannedFile, Pages);
        Process.Read(Planned, Pages);
        _bystander?.Map(Planned);
        PageLists.Settle();
        _handled = Handled();
        LayoutSnapshot layout = target.Capture();
        Assert.True(layout.Token.Sequence is not null, "a target at rest has a sequence");
        return HintPlan.Create(withSequence ? layout : layout.With(new LayoutToken(layout.Process, layout.Token.VmaCount, layout.Token.Hash), layout.CapturedAt), Advice.PageOut, [PlannedRange]);
    }

    /// <summary>Whether every page that is mapped at the planned addresses is in memory; null when nothing is mapped there, or the process is gone.</summary>
    public bool? IsPlannedPlacePresent()
    {
        bool isMapped = !Process.HasEnded && MapsEntry.ReadAll(Process.Pid).Any(entry => entry.Start == Planned);
        return isMapped ? Process.Resident(Planned, Pages).Present == Pages : null;
    }

    /// <summary>Whether memory of a process was hinted that the transaction does not know of.</summary>
    public bool IsBystanderHinted => _bystander is { IsHinted: true };

    /// <summary>Whether the planned file's pages are in the page cache: a page that is mapped and not hinted stays.</summary>
    public bool IsPlannedFileCached() => PageCache.Holds(PlannedFile, Bytes);

    /// <summary>Brings the planned file's pages into the page cache, or has the kernel see that they are used.</summary>
    public void ReadPlannedFile() => File.ReadAllBytes(PlannedFile);

    /// <summary>Unmaps what a cell has mapped, where it still is.</summary>
    public void End()
    {
        Process.Unmap(Planned, Pages);
        Process.Unmap(Elsewhere, Pages);
        Process.Unmap(Free, 4);
        if (_moved != 0)
        {
            Process.Unmap(_moved, Pages);
            _moved = 0;
        }
    }

    /// <summary>Starts a sharer outside of the target's cgroup, where no freeze of that holds it.</summary>
    public void StartSharer()
    {
        _sharer = Process.StartSharer();
        TestCgroup.Release(_sharer.Pid);
    }

    public void StartBystander() => _bystander = new Bystander();

    /// <summary>Disposes the target that the transaction uses.</summary>
    public void DisposeTarget() => _target!.Dispose();

    /// <summary>Disposes the target that the transaction uses, and opens another process, which is given its descriptors if they are free.</summary>
    public void DisposeTargetAndOpenAnother()
    {
        DisposeTarget();
        _bystander!.Open();
    }

    public void CloseBystander() => _bystander!.Close();

    public void ProtectBySharer()
    {
        const int Mprotect = 10;
        const int Madvise = 28;
        const ulong Read = 1;
        const ulong PopulateRead = 22;
        Assert.Equal(0, Sharer.Call(Mprotect, Planned, (ulong)Bytes, Read));
        Assert.Equal(0, Sharer.Call(Madvise, Planned, (ulong)Bytes, PopulateRead));
    }

    public void ManageFaults() => _userfault = Process.ManageFaults(Elsewhere, Pages);

    public void MapOnSignal()
    {
        Process.MapOnSignal(1);
        _mapsOnSignal = true;
    }

    /// <summary>Waits until the planned memory was moved elsewhere. What two places map is hinted in neither: it does not stay there for the next cell.</summary>
    public void AwaitMoved(string command) => _moved = Process.AcceptAddress(command);

    /// <summary>Waits until the pages were moved elsewhere, and puts other memory there: what two places map is not hinted in either.</summary>
    public void AwaitMovedAway()
    {
        ulong moved = Process.AcceptAddress("dontunmap");
        Process.ReplaceWithOther(moved, Pages);
        Process.Read(Planned, Pages);
    }

    public void AwaitHandled() => Eventually.Holds(() => Handled() > _handled, "the signal's handler has mapped");

    public void RenameFile() => File.Move(PlannedFile, PlannedFile + ".renamed");

    public void RenameFileBack() => File.Move(PlannedFile + ".renamed", PlannedFile);

    public void AwaitEnd() => Eventually.Holds(() => Process.HasEnded, "the target has exited");

    public void AwaitProgram(string name) =>
        Eventually.Holds(() => File.ReadAllText($"/proc/{Process.Pid}/comm").TrimEnd() == name, $"the target runs {name}");

    public void Dispose()
    {
        _bystander?.Dispose();
        Process.Dispose();
        Cgroup.Dispose();
        File.Delete(PlannedFile);
        File.Delete(CanaryFile);
    }

    private int Handled() => _mapsOnSignal ? Process.CountMappedOnSignal().Mapped : 0;
}
