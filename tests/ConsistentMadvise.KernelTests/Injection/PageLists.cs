using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>The kernel's lists of pages, from which alone it takes those that are hinted. Each processor keeps back what it has read lately.</summary>
internal static class PageLists
{
    private static readonly Lazy<(SafeFileHandle File, MemoryMappedViewAccessor Mapped)> Page = new(MapAPage);

    /// <summary>Has every processor put its pages into the lists.</summary>
    /// <remarks>For the sake of a page that is mapped, and so cannot be forgotten on request (<c>mm/fadvise.c</c>, <c>lru_add_drain_all</c>).</remarks>
    public static void Settle()
    {
        _ = Page.Value.Mapped.ReadByte(0);
        Assert.Equal(0, LibC.posix_fadvise((int)Page.Value.File.DangerousGetHandle(), 0, 0, LibC.POSIX_FADV_DONTNEED));
    }

    private static (SafeFileHandle File, MemoryMappedViewAccessor Mapped) MapAPage()
    {
        string path = Path.GetTempFileName();
        DiskFile.Write(path, Environment.SystemPageSize);
        using MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        SafeFileHandle file = File.OpenHandle(path, options: FileOptions.DeleteOnClose);
        return (file, mapping.CreateViewAccessor());
    }
}
