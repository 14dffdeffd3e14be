using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise.Tests;

/// <summary>A text behind a real file descriptor, at its start.</summary>
internal sealed class TextFile : IDisposable
{
    private readonly SafeFileHandle _file;

    public TextFile(ReadOnlySpan<byte> text)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, options: FileOptions.DeleteOnClose);
        RandomAccess.Write(_file, text, 0);
    }

    public int Descriptor => (int)_file.DangerousGetHandle();

    public void Dispose() => _file.Dispose();
}
