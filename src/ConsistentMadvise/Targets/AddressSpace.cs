using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One address space of a target, held by an open <c>/proc/PID/maps</c>.</summary>
/// <remarks>
/// The descriptor pins the kernel's <c>mm_struct</c> it was opened on: after <c>execve(2)</c> or exit it reads empty, it never
/// shows the next image. It has one file position, so who reads it from the start to the end locks <see cref="Position"/>.
/// </remarks>
internal sealed class AddressSpace : IDisposable
{
    private readonly SafeDescriptor _maps;

    public AddressSpace(int maps) => _maps = new SafeDescriptor(maps);

    public int Maps => _maps.Value;

    public Lock Position { get; } = new();

    /// <summary>Which of the kernel's address spaces it is; none while nobody has found out. While this object lives, no other can come to have the same.</summary>
    public AddressSpaceId Id { get; set; }

    /// <summary>Whether some task still runs in this address space: the target, or a sharer that outlived it.</summary>
    public bool IsAlive()
    {
        procmap_query query = new() { size = QuerySize, query_flags = Uapi.PROCMAP_QUERY_COVERING_OR_NEXT_VMA };
        Errno errno = Kernel.QueryMapping(Maps, ref query);
        if (errno != Errno.ENOTTY)
        {
            return errno.Ok;
        }

        // Before Linux 6.11: a read that does not move the position. The leftover of a short read stays with the descriptor only
        // until the next read from the start.
        Span<byte> start = stackalloc byte[16];
        return Kernel.ReadAt(Maps, start, 0, out int count).Ok && count > 0;
    }

    public void Dispose() => _maps.Dispose();

    private static unsafe ulong QuerySize => (ulong)sizeof(procmap_query);
}
