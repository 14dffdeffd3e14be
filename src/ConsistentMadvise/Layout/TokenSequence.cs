namespace ConsistentMadvise;

/// <summary>Compares a token with its process by the kernel's layout sequence alone.</summary>
public static class TokenSequence
{
    /// <summary>Compares a layout token with a <see cref="ProcessTarget"/>.</summary>
    /// <param name="target">The process.</param>
    extension(ProcessTarget target)
    {
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
}
