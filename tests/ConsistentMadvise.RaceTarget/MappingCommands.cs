using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands that change which VMAs there are.</summary>
internal static class MappingCommands
{
    private static readonly int ReadWrite = LibC.PROT_READ | LibC.PROT_WRITE;
    private static readonly int PrivateAnonymous = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS;
    private static readonly byte[] Path = new byte[4096];

    /// <summary><c>map PAGES [r|rw|rx|none]</c> - private anonymous memory; answers its address.</summary>
    public static void Map(ref Arguments arguments, Reply reply)
    {
        ulong length = arguments.Pages();
        int protection = arguments.Protection();
        if (arguments.Accepted(reply))
        {
            int errno = Slots.Map(length, protection, PrivateAnonymous, -1, out ulong address);
            reply.From(errno, address, "mmap"u8);
        }
    }

    /// <summary>
    /// <c>mapfile PATH PAGES [private|shared] [at ADDRESS]</c> - the start of a file, readable and writable, in a slot of its own or in the place of what is at
    /// the address; answers its address.
    /// </summary>
    public static void MapFile(ref Arguments arguments, Reply reply)
    {
        ReadOnlySpan<byte> path = arguments.Word();
        ulong length = arguments.Pages();
        bool shared = arguments.Takes("shared"u8);
        if (!shared)
        {
            arguments.Takes("private"u8);
        }

        ulong address = arguments.Takes("at"u8) ? arguments.Address() : 0;
        if (!arguments.Accepted(reply))
        {
            return;
        }

        path.CopyTo(Path);
        Path[path.Length] = 0;
        if (Native.Open(Path, shared ? LibC.O_RDWR : LibC.O_RDONLY, out int file) is int refused and not 0)
        {
            reply.Error(refused, "open"u8);
            return;
        }

        int flags = shared ? LibC.MAP_SHARED : LibC.MAP_PRIVATE;
        int errno = address != 0
            ? Native.Map(address, length, ReadWrite, flags | LibC.MAP_FIXED, file, out address)
            : Slots.Map(length, ReadWrite, flags, file, out address);
        _ = Native.Close(file);
        reply.From(errno, address, "mmap"u8);
    }

    /// <summary><c>unmap ADDRESS PAGES</c></summary>
    public static void Unmap(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        if (arguments.Accepted(reply))
        {
            reply.From(Native.Unmap(address, length), "munmap"u8);
        }
    }

    /// <summary><c>protect ADDRESS PAGES r|rw|rx|none</c></summary>
    public static void Protect(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        int protection = arguments.Protection();
        if (arguments.Accepted(reply))
        {
            reply.From(Native.Protect(address, length, protection), "mprotect"u8);
        }
    }

    /// <summary><c>remap ADDRESS OLDPAGES NEWPAGES [maymove|move]</c> - <c>move</c> always moves, to a place of its own; answers the address.</summary>
    public static void Remap(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong oldLength = arguments.Pages();
        ulong newLength = arguments.Pages();
        bool move = arguments.Takes("move"u8);
        bool mayMove = move || arguments.Takes("maymove"u8);
        if (arguments.Accepted(reply))
        {
            int flags = (mayMove ? LibC.MREMAP_MAYMOVE : 0) | (move ? LibC.MREMAP_FIXED : 0);
            ulong wanted = move ? Slots.Take(newLength) : 0;
            int errno = Native.Remap(address, oldLength, newLength, flags, wanted, out ulong moved);
            reply.From(errno, moved, "mremap"u8);
        }
    }

    /// <summary><c>dontunmap ADDRESS PAGES</c> - moves the pages to a place of their own and leaves the VMA in place, empty; answers the new address (Linux 5.7).</summary>
    public static void DontUnmap(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        if (arguments.Accepted(reply))
        {
            int flags = LibC.MREMAP_MAYMOVE | LibC.MREMAP_FIXED | Native.MREMAP_DONTUNMAP;
            int errno = Native.Remap(address, length, length, flags, Slots.Take(length), out ulong moved);
            reply.From(errno, moved, "mremap"u8);
        }
    }

    /// <summary>
    /// <c>replace ADDRESS PAGES same|other</c> - maps new private anonymous memory at the same place in one call: <c>same</c>, readable and
    /// writable like what <c>map</c> made, so that the line of maps is the same again (ABA); <c>other</c> read-only, so that it differs.
    /// </summary>
    public static void Replace(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        bool same = arguments.Takes("same"u8);
        if (!same && !arguments.Takes("other"u8))
        {
            reply.Error(LibC.EINVAL, "usage"u8);
            return;
        }

        if (arguments.Accepted(reply))
        {
            int protection = same ? ReadWrite : LibC.PROT_READ;
            reply.From(Native.Map(address, length, protection, PrivateAnonymous | LibC.MAP_FIXED, -1, out _), "mmap"u8);
        }
    }

    /// <summary>
    /// <c>fields COUNT PAGES</c> - so many VMAs side by side, each of so many touched pages, with alternating protection, since equal
    /// neighbours would merge; answers the address of the first and the bytes from one to the next.
    /// </summary>
    public static void Fields(ref Arguments arguments, Reply reply)
    {
        ulong count = (ulong)arguments.Count();
        ulong stride = arguments.Pages();
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (Slots.Map(count * stride, ReadWrite, PrivateAnonymous, -1, out ulong address) is int refused and not 0)
        {
            reply.Error(refused, "mmap"u8);
            return;
        }

        Memory.Fill(address, count * stride);
        for (ulong field = 1; field < count; field += 2)
        {
            if (Native.Protect(address + (field * stride), stride, LibC.PROT_READ) is int errno and not 0)
            {
                _ = Native.Unmap(address, count * stride);
                reply.Error(errno, "mprotect"u8);
                return;
            }
        }

        reply.Ok().Address(address).Number((long)stride);
    }
}
