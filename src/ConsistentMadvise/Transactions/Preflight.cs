using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Asks the kernel, by a call without a range, whether it would accept this advice for this target from this caller.</summary>
/// <remarks><c>process_madvise(2)</c> checks permissions before it reads the ranges, so this costs the target nothing.</remarks>
internal static class Preflight
{
    public static Errno Ask(ProcessTarget target, Advice advice) => Kernel.ProcessMadvise(target.Pidfd, [], advice.Value, out _);

    /// <exception cref="PlatformNotSupportedException">The kernel does not know the call or the advice.</exception>
    public static void ThrowIfUnsupported(Errno errno, Advice advice)
    {
        if (errno == Errno.ENOSYS)
        {
            throw new PlatformNotSupportedException("This kernel has no process_madvise(2): it needs Linux 5.10 or later, built with CONFIG_ADVISE_SYSCALLS.");
        }

        if (errno == Errno.EINVAL)
        {
            throw new PlatformNotSupportedException(string.Create(
                CultureInfo.InvariantCulture,
                $"This kernel does not accept advice '{advice}' for another process: cold and pageout need Linux 5.10, willneed 5.15, collapse 6.1 with CONFIG_TRANSPARENT_HUGEPAGE."));
        }
    }
}
