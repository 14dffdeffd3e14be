namespace ConsistentMadvise;

/// <summary>Compares a token with its process by the kernel's layout sequence alone.</summary>
public static class TokenSequence
{
    /// <summary>Extends a target by what this room does with it.</summary>
    /// <param name="target">The process.</param>
    extension(ProcessTarget target)
    {
        /// <summary>Tells whether the layout sequence of the process has moved since a token was read.</summary>
        /// <param name="token">The token.</param>
        /// <remarks>One system call, whatever the size of the layout; sees ABA. Needs <c>CAP_BPF</c> and <c>CAP_PERFMON</c>: <see cref="LayoutSequences.IsSupported"/>.</remarks>
        /// <exception cref="ArgumentException">The token is for a process with another pid.</exception>
        public SequenceComparison CompareSequence(LayoutToken token)
        {
            ArgumentNullException.ThrowIfNull(target);
            target.ThrowIfDisposed();
            if (token.Process.Pid != target.Pid)
            {
                throw new ArgumentException($"It was read from process {token.Process.Pid}, and this target is process {target.Pid}.", nameof(token));
            }

            if (token.Stamp is not { IsTrusted: true } stamp || !SequencedCapture.TryRead(target, out SequenceReading now))
            {
                return SequenceComparison.NotComparable;
            }

            return target.Identity.IsSameProcess(token.Process) && stamp.IsUnchangedIn(in now, token.Process, AddressSpaceId.None)
                ? SequenceComparison.Unmoved
                : SequenceComparison.Moved;
        }
    }
}
