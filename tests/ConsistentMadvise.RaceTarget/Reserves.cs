using System.Buffers.Text;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Opens the address space that the runtime and libc have reserved after their heaps, before they do it themselves.</summary>
/// <remarks>
/// They open it page by page when a heap grows, and each time a boundary between two lines of maps moves. Opened already, the same
/// calls change nothing. The pages stay untouched and cost no memory.
/// </remarks>
internal static class Reserves
{
    private const ulong Most = 64 << 20;
    private const ulong Block = 64 << 10;   // what the runtime's heaps are aligned to
    private const int MADV_DODUMP = 17;     // asm-generic/mman-common.h

    /// <summary>Goes through a text of maps: each reserve lies right after the heap that it belongs to.</summary>
    public static void Open(ReadOnlySpan<byte> maps)
    {
        ulong heapEnd = 0;
        int heapProtection = LibC.PROT_NONE;
        foreach (Range range in maps.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = maps[range];
            if (!TryParse(line, out ulong start, out ulong end, out int protection))
            {
                heapEnd = 0;
                continue;
            }

            // A single page is the guard of a stack.
            if (protection == LibC.PROT_NONE && start == heapEnd && end - start > Native.PageSize)
            {
                // The largest reserve is shared by heaps of several kinds: only the rest of the block is this heap's.
                ulong open = end - start <= Most ? end : (start + Block - 1) & ~(Block - 1);
                _ = Native.Protect(start, open - start, heapProtection);
                _ = Native.Advise(start, open - start, MADV_DODUMP);   // reserves are kept out of core dumps; unequal flags would be two VMAs
                end = 0;
            }

            (heapEnd, heapProtection) = (protection == LibC.PROT_NONE ? 0 : end, protection);
        }
    }

    // Private anonymous and not special: inode 0 and no name.
    private static bool TryParse(ReadOnlySpan<byte> line, out ulong start, out ulong end, out int protection)
    {
        end = 0;
        protection = 0;
        if (!line.EndsWith(" 00:00 0 "u8) || !Utf8Parser.TryParse(line, out start, out int used, 'x'))
        {
            start = 0;
            return false;
        }

        ReadOnlySpan<byte> rest = line[(used + 1)..];
        if (!Utf8Parser.TryParse(rest, out end, out used, 'x'))
        {
            return false;
        }

        ReadOnlySpan<byte> permissions = rest.Slice(used + 1, 4);
        protection = (permissions[0] == 'r' ? LibC.PROT_READ : 0) | (permissions[1] == 'w' ? LibC.PROT_WRITE : 0) | (permissions[2] == 'x' ? LibC.PROT_EXEC : 0);
        return permissions[3] == 'p';
    }
}
