using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>A text that a real file descriptor reads, at its start.</summary>
internal sealed class TextFile : IDisposable
{
    public TextFile(ReadOnlySpan<byte> text)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal(Errno.None, Kernel.CreateFile(Encoding.UTF8.GetBytes(path + "\0"), out SafeDescriptor file));
        Descriptor = file;
        File.Delete(path);
        for (int written = 0; written < text.Length;)
        {
            Assert.Equal(Errno.None, Kernel.WriteAt(file, text[written..], written, out int count));
            written += count;
        }
    }

    public SafeDescriptor Descriptor { get; }

    public void Dispose() => Descriptor.Dispose();
}
