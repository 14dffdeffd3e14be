using System.Runtime.InteropServices;

namespace ConsistentMadvise.Cli;

/// <summary>The memory of the demo's target: clean pages of a file, mapped privately, and anonymous pages.</summary>
internal sealed class DemoMemory : IDisposable
{
    private readonly DemoFile _first;
    private readonly DemoFile _second;
    private readonly nint _anonymous;

    public DemoMemory(string directory)
    {
        _first = new DemoFile(directory);
        _second = new DemoFile(directory);

        // WarmedUp, so that later only these mappings change, and none of the runtime's own.
        _second.Map();
        _second.Unmap();
        File = _first.Map();
        _anonymous = Marshal.AllocHGlobal(DemoFile.Bytes);
        for (int offset = 0; offset < DemoFile.Bytes; offset += Environment.SystemPageSize)
        {
            Marshal.WriteByte(_anonymous, offset, 1);
        }
    }

    public ulong File { get; private set; }

    public ulong Anonymous => (ulong)_anonymous;

    /// <summary>Unmaps the file and maps another of the same length, usually at the same address.</summary>
    public void Replace()
    {
        _first.Unmap();
        File = _second.Map();
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        Marshal.FreeHGlobal(_anonymous);
    }
}
