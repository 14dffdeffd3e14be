using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the layout of a target.</summary>
public static class LayoutCapture
{
    /// <summary>A process that executes new programs faster than its layout can be read is given up after so many.</summary>
    private const int MaxReplacements = 16;

    /// <summary>A layout of more VMAs than this is confirmed in a turn of its own.</summary>
    private const int LargeLayout = 16 * 1024;

    private static readonly ScratchPool<LayoutReader> Readers = new();
    private static readonly ScratchPool<MapsHasher> Hashers = new();

    /// <summary>Extends a target by what this room does with it.</summary>
    /// <param name="target">The process.</param>
    extension(ProcessTarget target)
    {
        /// <summary>Captures the VMAs of the process and the token that stands for them.</summary>
        /// <param name="cancellationToken">Stops the reading.</param>
        /// <returns>The snapshot, which tells whether it is stable.</returns>
        /// <remarks>The target is not disturbed. Completes synchronously for layouts below some ten thousand VMAs.</remarks>
        /// <exception cref="TargetException">The process has ended, or may not be read any more.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public ValueTask<LayoutSnapshot> CaptureLayoutAsync(CancellationToken cancellationToken = default) =>
            target.CaptureLayoutAsync(CaptureOptions.Default, cancellationToken);

        /// <summary>Captures the VMAs of the process and the token that stands for them.</summary>
        /// <param name="options">How often the text is read.</param>
        /// <param name="cancellationToken">Stops the reading.</param>
        /// <returns>The snapshot, which tells whether it is stable.</returns>
        /// <remarks>The target is not disturbed. Completes synchronously for layouts below some ten thousand VMAs.</remarks>
        /// <exception cref="TargetException">The process has ended, or may not be read any more.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public async ValueTask<LayoutSnapshot> CaptureLayoutAsync(CaptureOptions options, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(target);
            ArgumentNullException.ThrowIfNull(options);
            target.ThrowIfDisposed();
            LayoutReader reader = Readers.Rent();
            try
            {
                return await CaptureAsync(target, reader, options.MaxReads, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Readers.Return(reader);
            }
        }

        /// <summary>Reads the token of the layout that the process has now, without keeping the VMAs.</summary>
        /// <remarks>The cookie as it was proposed: keep it, and pass it to <c>Advise</c>. Costs one read of the text.</remarks>
        /// <exception cref="TargetException">The process has ended, or may not be read any more.</exception>
        public LayoutToken ReadToken()
        {
            ArgumentNullException.ThrowIfNull(target);
            target.ThrowIfDisposed();
            using SafeDescriptor maps = OpenMaps(target);
            MapsHasher hasher = Hashers.Rent();
            Errno errno = hasher.Hash(maps.Value, out UInt128 hash, out int vmas);
            Hashers.Return(hasher);
            return errno.Ok && vmas > 0 ? new LayoutToken(target.Identity, vmas, hash) : throw Unreadable(target, errno);
        }
    }

    /// <remarks>
    /// The text is read through a fresh descriptor, which shows the address space that the process has now, and confirmed through the
    /// held one, which shows the one that plans are tied to. They part when the process executes a new program.
    /// </remarks>
    private static async ValueTask<LayoutSnapshot> CaptureAsync(ProcessTarget target, LayoutReader reader, int maxReads, CancellationToken cancellationToken)
    {
        int reads = 0;
        for (int replacements = 0; ;)
        {
            AddressSpace held = target.Space;
            (Errno errno, VmaTable vmas, UInt128 hash) = await ReadFreshAsync(target, reader, cancellationToken).ConfigureAwait(false);
            reads++;
            if (vmas.Count == 0 || !held.IsAlive())
            {
                if (target.HasExited || ++replacements > MaxReplacements)
                {
                    throw Unreadable(target, errno);
                }

                reads = 0;
                Renew(target, held);
                continue;
            }

            if (vmas.Count > LargeLayout)
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            bool isStable = reads < maxReads && IsConfirmed(held, vmas.Count, hash);
            reads += reads < maxReads ? 1 : 0;
            if (isStable || reads >= maxReads)
            {
                if (!isStable && maxReads > 1)
                {
                    // A sharer may keep the held address space alive after the process left it: from now on the fresh one is held.
                    Renew(target, held);
                }

                return new LayoutSnapshot(vmas, new LayoutToken(target.Identity, vmas.Count, hash), target.Space, isStable, reads, DateTimeOffset.UtcNow);
            }
        }
    }

    private static async ValueTask<(Errno Errno, VmaTable Vmas, UInt128 Hash)> ReadFreshAsync(
        ProcessTarget target, LayoutReader reader, CancellationToken cancellationToken)
    {
        using SafeDescriptor maps = OpenMaps(target);
        return await reader.ReadAsync(maps.Value, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsConfirmed(AddressSpace held, int vmaCount, UInt128 hash)
    {
        MapsHasher hasher = Hashers.Rent();
        bool same;
        lock (held.Position)
        {
            same = Kernel.Rewind(held.Maps).Ok && hasher.Hash(held.Maps, out UInt128 again, out int vmas).Ok && again == hash && vmas == vmaCount;
        }

        Hashers.Return(hasher);
        return same;
    }

    private static void Renew(ProcessTarget target, AddressSpace held)
    {
        Errno errno = target.RenewSpace(held);
        if (!errno.Ok)
        {
            throw Unreadable(target, errno);
        }
    }

    private static SafeDescriptor OpenMaps(ProcessTarget target)
    {
        Errno errno = target.Directory.OpenFile("maps\0"u8, out int maps);
        return errno.Ok ? new SafeDescriptor(maps) : throw Unreadable(target, errno);
    }

    private static TargetException Unreadable(ProcessTarget target, Errno errno) =>
        new(target.Pid, errno == Errno.EACCES || errno == Errno.EPERM ? TargetError.AccessDenied : TargetError.NotFound);
}
