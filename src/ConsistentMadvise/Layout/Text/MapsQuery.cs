using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads one VMA with <c>PROCMAP_QUERY</c>, in the form of a maps line.</summary>
internal static unsafe class MapsQuery
{
    /// <summary>Reads the VMA that covers an address. The name is unescaped.</summary>
    /// <returns><see cref="Errno.ENOENT"/> when nothing is mapped there, <see cref="Errno.ESRCH"/> when the address space is gone.</returns>
    public static Errno Read(in LocalFile maps, ulong address, Span<byte> name, out VmaRecord vma, out int nameLength)
    {
        vma = default;
        nameLength = 0;
        fixed (byte* nameStart = name)
        {
            procmap_query query = new()
            {
                size = (ulong)sizeof(procmap_query),
                query_addr = address,
                vma_name_addr = (ulong)nameStart,
                vma_name_size = (uint)name.Length,
            };
            Errno errno = Kernel.QueryMapping(in maps, ref query);
            if (errno.Ok)
            {
                Fill(in query, ref vma);
                nameLength = query.vma_name_size == 0 ? 0 : (int)query.vma_name_size - 1; // includes the terminating zero
            }

            return errno;
        }
    }

    private static void Fill(in procmap_query query, ref VmaRecord vma)
    {
        vma.Start = query.vma_start;
        vma.End = query.vma_end;
        vma.Offset = query.vma_offset;
        vma.Inode = query.inode;
        vma.Device = query.dev_major << 20 | query.dev_minor;
        vma.Permissions = ((query.vma_flags & Uapi.PROCMAP_QUERY_VMA_READABLE) != 0 ? VmaPermissions.Read : 0)
            | ((query.vma_flags & Uapi.PROCMAP_QUERY_VMA_WRITABLE) != 0 ? VmaPermissions.Write : 0)
            | ((query.vma_flags & Uapi.PROCMAP_QUERY_VMA_EXECUTABLE) != 0 ? VmaPermissions.Execute : 0)
            | ((query.vma_flags & Uapi.PROCMAP_QUERY_VMA_SHARED) != 0 ? VmaPermissions.Shared : 0);
    }
}
