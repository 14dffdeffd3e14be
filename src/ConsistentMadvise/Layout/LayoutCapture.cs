using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the layout of a target.</summary>
public static class LayoutCapture
{
    internal static readonly ScratchPool<MapsHasher> Hashers = new();

    private static readonly ScratchPool<LayoutReader> Readers = new();

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
            bool hasSequence = SequencedCapture.TryRead(target, out SequenceReading before);
            if (hasSequence && SequencedCapture.TryReuse(target, in before) is { } unchanged)
            {
                return unchanged;
            }

            LayoutReader reader = Readers.Rent();
            try
            {
                return hasSequence
                    ? await SequencedCapture.CaptureAsync(target, reader, before, options.MaxReads, cancellationToken).ConfigureAwait(false)
                    : await TextCapture.CaptureAsync(target, reader, options.MaxReads, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Readers.Return(reader);
            }
        }

        /// <summary>Reads the token of the layout that the process has now, without keeping the VMAs.</summary>
        /// <remarks>
        /// The cookie as it was proposed: keep it, and pass it to <c>Advise</c>. Costs one read of the text, or one system call when the last capture is
        /// still true.
        /// </remarks>
        /// <exception cref="TargetException">The process has ended, or may not be read any more.</exception>
        public LayoutToken ReadToken()
        {
            ArgumentNullException.ThrowIfNull(target);
            target.ThrowIfDisposed();
            bool hasSequence = SequencedCapture.TryRead(target, out SequenceReading before);
            if (hasSequence && SequencedCapture.TryReuse(target, in before) is { } unchanged)
            {
                return unchanged.Token;
            }

            using SafeDescriptor maps = OpenMaps(target);
            MapsHasher hasher = Hashers.Rent();
            Errno errno = hasher.Hash(maps.Value, out UInt128 hash, out int vmas);
            Hashers.Return(hasher);
            bool isAtomic = hasSequence && SequencedCapture.TryRead(target, out SequenceReading after) && after.IsUnchangedSince(in before);
            return errno.Ok && vmas > 0
                ? new LayoutToken(target.Identity, vmas, hash, isAtomic ? SequenceStamp.Of(in before) : null)
                : throw Unreadable(target, errno);
        }
    }

    internal static void Renew(ProcessTarget target, AddressSpace held)
    {
        Errno errno = target.RenewSpace(held);
        if (!errno.Ok)
        {
            throw Unreadable(target, errno);
        }
    }

    internal static SafeDescriptor OpenMaps(ProcessTarget target)
    {
        Errno errno = target.Directory.OpenFile("maps\0"u8, out int maps);
        return errno.Ok ? new SafeDescriptor(maps) : throw Unreadable(target, errno);
    }

    internal static TargetException Unreadable(ProcessTarget target, Errno errno) =>
        new(target.Pid, errno == Errno.EACCES || errno == Errno.EPERM ? TargetError.AccessDenied : TargetError.NotFound);
}
