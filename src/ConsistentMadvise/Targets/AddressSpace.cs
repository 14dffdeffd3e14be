using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One address space of a target, held by an open <c>/proc/PID/maps</c>.</summary>
/// <remarks>
/// The descriptor pins the kernel's <c>mm_struct</c> it was opened on: after <c>execve(2)</c> or exit it reads empty, it never
/// shows the next image. It has one file position, so reading it from the start to the end locks <see cref="Position"/>. Snapshots may outlive
/// their target, so they pin it while they use it (<see cref="TryPin"/>).
/// </remarks>
internal sealed class AddressSpace(SafeDescriptor maps) : IDisposable
{
    public SafeDescriptor Maps => maps;

    public Lock Position { get; } = new();

    /// <summary>Identifies the kernel's address space; none until known. Unique while this object is pinned.</summary>
    public AddressSpaceId Id { get; set; }

    /// <summary>Pins the address space until <see cref="Unpin"/>; returns false if its target was disposed and the descriptor is closed.</summary>
    public bool TryPin()
    {
        bool isAdded = false;
        try
        {
            maps.DangerousAddRef(ref isAdded);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }

        return isAdded;
    }

    public void Unpin() => maps.DangerousRelease();

    /// <summary>Returns whether a task still runs in this address space: the target, or a sharer that outlived it.</summary>
    public Errno IsAlive(out bool isAlive)
    {
        procmap_query query = new() { size = QuerySize, query_flags = Uapi.PROCMAP_QUERY_COVERING_OR_NEXT_VMA };
        Errno errno = Kernel.QueryMapping(maps, ref query);
        if (errno == Errno.ENOTTY)
        {
            // Before Linux 6.11: a read that does not move the position. The leftover of a short read stays with the descriptor only
            // until the next read from the start.
            Span<byte> start = stackalloc byte[16];
            errno = Kernel.ReadAt(maps, start, 0, out int count);
            isAlive = errno.Ok && count > 0;
        }
        else
        {
            isAlive = errno.Ok;
        }

        return errno == Errno.ESRCH || errno == Errno.ENOENT ? Errno.None : errno;
    }

    public void Dispose() => maps.Dispose();

    private static unsafe ulong QuerySize => (ulong)sizeof(procmap_query);
}
