using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

public sealed class KernelFileTests
{
    [Fact]
    public void Open_FileThatCanBeMapped_GivesItsBytes() => AssertBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "linux-6.18.btf"));

    [Fact]
    public void Open_FileThatCanOnlyBeRead_GivesItsBytes() => AssertBytes("/sys/kernel/notes");

    [Fact]
    public void Open_FileShorterThanItSays_IsRefused()
    {
        // The text attributes of sysfs all have a page by their size, and cannot be mapped.
        Assert.Equal(Errno.EINVAL, KernelFile.Open("/sys/kernel/uevent_seqnum", out KernelFile? file));
        Assert.Null(file);
    }

    [Fact]
    public void Open_MissingFile_ReturnsItsErrno()
    {
        Assert.Equal(Errno.ENOENT, KernelFile.Open("/sys/kernel/there is no such file", out KernelFile? file));
        Assert.Null(file);
    }

    [Fact]
    public void Dispose_Twice_LeavesNothing()
    {
        KernelFile.Open("/sys/kernel/notes", out KernelFile? file);
        file!.Dispose();
        file.Dispose();
        Assert.True(file.Bytes.IsEmpty);
    }

    private static void AssertBytes(string path)
    {
        Assert.Equal(Errno.None, KernelFile.Open(path, out KernelFile? file));
        using (file)
        {
            Assert.Equal(File.ReadAllBytes(path), file!.Bytes);
        }
    }
}
