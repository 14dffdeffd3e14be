using System.IO.MemoryMappedFiles;

namespace ConsistentMadvise.Cli;

/// <summary>An unlinked file with clean pages, to be mapped privately.</summary>
internal sealed class DemoFile : IDisposable
{
    public const int Bytes = 32 * 1024 * 1024;

    private readonly MemoryMappedFile _file;
    private MemoryMappedViewAccessor? _view;

    public DemoFile(string directory)
    {
        string path = Path.Combine(directory, DemoDirectory.FileName());
        FileStream file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.Delete(path);
        byte[] text = new byte[1024 * 1024];
        Random.Shared.NextBytes(text);
        for (int written = 0; written < Bytes; written += text.Length)
        {
            file.Write(text);
        }

        // A dirty page would have to be written back before it can leave.
        file.Flush(flushToDisk: true);
        _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: false);
    }

    /// <summary>Maps it, reads every page in, and returns the address.</summary>
    public ulong Map()
    {
        _view = _file.CreateViewAccessor(0, Bytes, MemoryMappedFileAccess.CopyOnWrite);
        for (int offset = 0; offset < Bytes; offset += Environment.SystemPageSize)
        {
            _ = _view.ReadByte(offset);
        }

        return (ulong)_view.SafeMemoryMappedViewHandle.DangerousGetHandle();
    }

    public void Unmap() => _view?.Dispose();

    public void Dispose()
    {
        _view?.Dispose();
        _file.Dispose();
    }
}
