using System.IO.MemoryMappedFiles;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>What the kernel holds of a file in memory, asked from outside of every process that maps it: mincore(2).</summary>
internal static unsafe class PageCache
{
    /// <summary>Whether every page of the file is there.</summary>
    public static bool Holds(string path, int bytes)
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.ReadWrite);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.ReadWrite);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            Span<byte> pages = stackalloc byte[bytes / Environment.SystemPageSize];
            fixed (byte* vector = pages)
            {
                Assert.Equal(0, LibC.mincore(start, bytes, vector));
            }

            return !pages.ContainsAnyExcept((byte)1);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}
