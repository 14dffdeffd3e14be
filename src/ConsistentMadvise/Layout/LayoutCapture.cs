using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the layout of a target.</summary>
public static class LayoutCapture
{
    internal static readonly ScratchPool<MapsHasher> Hashers = new();

    private static readonly ScratchPool<LayoutReader> Readers = new();

    /// <summary>Captures the layout of a <see cref="ProcessTarget"/>.</summary>
    /// <param name="target">The process.</param>
    extension(ProcessTarget target)
    {
        /// <summary>Captures the VMAs of the process and their token, on the calling thread.</summary>
        /// <param name="options">The maximum number of reads; null for <see cref="CaptureOptions.Default"/>.</param>
        /// <param name="cancellationToken">Stops the reading.</param>
        /// <returns>The snapshot; <see cref="LayoutSnapshot.IsStable"/> says whether the layout changed during the capture.</returns>
        /// <remarks>The target is not disturbed. Reading procfs never waits for I/O; some ten thousand VMAs take 5 ms.</remarks>
        /// <example>
        /// <code>
        /// using ProcessTarget target = ProcessTarget.Open(pid);
        /// LayoutSnapshot layout = target.CaptureLayout();
        /// HintPlan plan = HintPlan.Create(layout, Advice.Cold, VmaFilter.Default);
        /// </code>
        /// </example>
        /// <seealso cref="HintPlan"/>
        /// <exception cref="TargetException">The process has exited, may no longer be read, could not be examined, or maps memory faster than its layout can be read.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public LayoutSnapshot CaptureLayout(CaptureOptions? options = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(target);
            using TargetUse use = target.Use();
            return CaptureInUse(target, options ?? CaptureOptions.Default, cancellationToken);
        }

        /// <summary>Captures the VMAs of the process and their token.</summary>
        /// <param name="cancellationToken">Stops the reading.</param>
        /// <returns>The snapshot; <see cref="LayoutSnapshot.IsStable"/> says whether the layout changed during the capture.</returns>
        /// <remarks>The target is not disturbed. Completes synchronously below some ten thousand VMAs.</remarks>
        /// <exception cref="TargetException">The process has exited, may no longer be read, could not be examined, or maps memory faster than its layout can be read.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public ValueTask<LayoutSnapshot> CaptureLayoutAsync(CancellationToken cancellationToken = default) =>
            target.CaptureLayoutAsync(CaptureOptions.Default, cancellationToken);

        /// <summary>Captures the VMAs of the process and their token.</summary>
        /// <param name="options">The maximum number of reads.</param>
        /// <param name="cancellationToken">Stops the reading.</param>
        /// <returns>The snapshot; <see cref="LayoutSnapshot.IsStable"/> says whether the layout changed during the capture.</returns>
        /// <remarks>The target is not disturbed. Completes synchronously below some ten thousand VMAs.</remarks>
        /// <exception cref="TargetException">The process has exited, may no longer be read, could not be examined, or maps memory faster than its layout can be read.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public async ValueTask<LayoutSnapshot> CaptureLayoutAsync(CaptureOptions options, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(target);
            ArgumentNullException.ThrowIfNull(options);
            using TargetUse use = target.Use();
            return await CaptureInUseAsync(target, options, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Reads the token of the current layout, without keeping the VMAs.</summary>
        /// <remarks>
        /// The cookie: keep it, and pass it to <c>Advise</c>. Costs one read of the text, or one system call if the last capture is
        /// still valid.
        /// </remarks>
        /// <example>
        /// <code>
        /// LayoutToken cookie = target.ReadToken();
        /// AddressRange[] cold = await FindColdRangesAsync(pid);
        /// HintOutcome outcome = target.Advise(cold, Advice.Cold, cookie); // Stale if the layout has changed since
        /// </code>
        /// </example>
        /// <seealso cref="TargetTransactions"/>
        /// <exception cref="TargetException">The process has exited, may no longer be read, could not be examined, or maps memory faster than its layout can be read.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
        public LayoutToken ReadToken()
        {
            ArgumentNullException.ThrowIfNull(target);
            using TargetUse use = target.Use();
            bool hasSequence = SequenceReader.Shared.TryRead(target, out SequenceReading before);
            if (hasSequence && SequencedCapture.TryReuse(target, in before, TimeProvider.System) is { } unchanged)
            {
                return unchanged.Token;
            }

            using SafeDescriptor maps = MapsFile.Open(target);
            MapsHasher hasher = Hashers.Rent();
            Errno errno;
            UInt128 hash;
            int vmas;
            try
            {
                errno = hasher.Hash(maps, out hash, out vmas, limit: new LineLimit(target));
            }
            finally
            {
                Hashers.Return(hasher);
            }

            bool isAtomic = hasSequence && SequenceReader.Shared.TryRead(target, out SequenceReading after) && after.IsUnchangedSince(in before);
            return errno.Ok && vmas > 0
                ? new LayoutToken(target.Identity, vmas, hash, isAtomic ? SequenceStamp.Of(in before) : null)
                : throw MapsFile.Unreadable(target, errno);
        }

        /// <summary>Returns whether the layout sequence of the process has moved since a token was read.</summary>
        /// <param name="token">The token.</param>
        /// <remarks>One system call, independent of the layout's size; detects ABA. Needs <c>CAP_BPF</c> and <c>CAP_PERFMON</c>: <see cref="LayoutSequences.IsSupported"/>.</remarks>
        /// <exception cref="ArgumentException">The token is of a process with another pid.</exception>
        public SequenceComparison CompareSequence(LayoutToken token)
        {
            ArgumentNullException.ThrowIfNull(target);
            using TargetUse use = target.Use();
            if (token.Process.Pid != target.Pid)
            {
                throw new ArgumentException($"The token is of process {token.Process.Pid}, the target is process {target.Pid}; read a token from this target.", nameof(token));
            }

            return CompareInUse(target, token);
        }
    }

    /// <summary>Compares within a use of the target.</summary>
    internal static SequenceComparison CompareInUse(ProcessTarget target, LayoutToken token)
    {
        if (token.Stamp is not { IsTrusted: true } stamp || !SequenceReader.Shared.TryRead(target, out SequenceReading now))
        {
            return SequenceComparison.NotComparable;
        }

        return target.Identity.IsSameProcess(token.Process) && stamp.IsUnchangedIn(in now, token.Process, AddressSpaceId.None)
            ? SequenceComparison.Unmoved
            : SequenceComparison.Moved;
    }

    /// <summary>Captures within a use of the target, which may have been disposed since. Reading a large layout yields the thread now and then.</summary>
    internal static async ValueTask<LayoutSnapshot> CaptureInUseAsync(ProcessTarget target, CaptureOptions options, CancellationToken cancellationToken)
    {
        bool hasSequence = SequenceReader.Shared.TryRead(target, out SequenceReading before);
        if (hasSequence && SequencedCapture.TryReuse(target, in before, options.TimeProvider) is { } unchanged)
        {
            return unchanged;
        }

        LayoutReader reader = Readers.Rent();
        try
        {
            return hasSequence
                ? await SequencedCapture.CaptureAsync(target, reader, before, options, cancellationToken).ConfigureAwait(false)
                : await TextCapture.CaptureAsync(target, reader, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Readers.Return(reader);
        }
    }

    /// <summary>The same, on the calling thread.</summary>
    internal static LayoutSnapshot CaptureInUse(ProcessTarget target, CaptureOptions options, CancellationToken cancellationToken)
    {
        ValueTask<LayoutSnapshot> capture = CaptureInUseAsync(target, options, cancellationToken);
        return capture.IsCompletedSuccessfully ? capture.Result : capture.AsTask().GetAwaiter().GetResult();
    }
}
