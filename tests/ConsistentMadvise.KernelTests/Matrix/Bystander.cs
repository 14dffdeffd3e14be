using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>Another process with memory of its own at the addresses of a plan, of which no plan names a page: whether a page left shows that it was hinted in the target's place.</summary>
internal sealed class Bystander : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private RaceTargetProcess _process = RaceTargetProcess.Start();
    private ProcessTarget? _target;
    private ulong _address;

    public Bystander() => DiskFile.Write(_file, Scene.Pages * Environment.SystemPageSize);

    /// <summary>Whether its memory was hinted since <see cref="Open"/>.</summary>
    public bool IsHinted => _target is not null && _process.Resident(_address, Scene.Pages).Present != Scene.Pages;

    /// <summary>Opens the process as a target: the kernel gives it the lowest descriptors that are free.</summary>
    public void Open() => _target = ProcessTarget.Open(_process.Pid);

    /// <summary>Maps and touches memory at the address of a plan.</summary>
    public void Map(ulong address)
    {
        ulong end = address + (ulong)(Scene.Pages * Environment.SystemPageSize);
        while (MapsEntry.ReadAll(_process.Pid).Any(entry => entry.Start < end && entry.End > address))
        {
            _process.Dispose(); // the address is taken there: another process has another layout
            _process = RaceTargetProcess.Start();
        }

        _process.Send(string.Create(CultureInfo.InvariantCulture, $"mapfile {_file} {Scene.Pages} private at {address:x}"));
        _process.Read(address, Scene.Pages);
        _address = address;
    }

    public void Close()
    {
        _target?.Dispose();
        _target = null;
        _process.Unmap(_address, Scene.Pages);
        _process.AssertRuns();
    }

    public void Dispose()
    {
        _target?.Dispose();
        _process.Dispose();
        File.Delete(_file);
    }
}
