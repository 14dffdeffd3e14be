using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>A file whose pages leave memory when they are hinted, each for itself.</summary>
internal static class DiskFile
{
    /// <summary>Writes zeros and has them forgotten.</summary>
    /// <remarks>
    /// A page that is still to be written stays in memory when it is hinted. And what was written at once lies in large folios: a hint of a part of one splits
    /// it, which unmaps the rest too (mm/huge_memory.c, unmap_folio). Pages that come by faults are small.
    /// </remarks>
    public static void Write(string path, int bytes)
    {
        using SafeFileHandle file = Create(path, bytes);
        Forget(file);
    }

    /// <summary>Writes zeros that stay in memory, clean, for plans that hint all of them.</summary>
    public static void WriteAndKeep(string path, int bytes) => Create(path, bytes).Dispose();

    private static SafeFileHandle Create(string path, int bytes)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(file, new byte[bytes], 0);
        RandomAccess.FlushToDisk(file);
        return file;
    }

    private static void Forget(SafeFileHandle file) =>
        Assert.Equal(0, LibC.posix_fadvise((int)file.DangerousGetHandle(), 0, 0, LibC.POSIX_FADV_DONTNEED));
}
