using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Checks every thread of a running target for reasons not to stop it.</summary>
/// <remarks>Runs before each window and outside of its pause. A second check follows once the threads have stopped, for what has changed since.</remarks>
[RunsFrozen]
internal static class ThreadSurvey
{
    /// <summary>Where a thread sleeps whose call its seccomp supervisor answers (<c>kernel/seccomp.c</c>). The compiler may append a suffix to the name.</summary>
    private static ReadOnlySpan<byte> Supervised => "seccomp_do_user_notification"u8;

    /// <summary><see cref="TransactionStop.None"/> if nothing forbids a freeze.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TransactionStop Run(ProcessTarget target, ThreadList threads, TracerFile status)
    {
        if (!status.MayBeHeld(out TransactionStop refusal))
        {
            return refusal;
        }

        Errno errno = threads.Scan();
        foreach (int tid in threads.Tids)
        {
            ThreadLook look = default;
            errno = errno.Ok ? threads.LookAt(tid, out look) : errno;
            if (errno.Ok && look.Tracer != 0)
            {
                return TransactionStop.Refused(HintReason.TracedByAnother, look.Tracer);
            }

            bool isSupervised = false;
            errno = errno.Ok && look.State is 'S' or 'D' ? AwaitsSupervisor(threads, tid, out isSupervised) : errno;
            if (isSupervised)
            {
                return TransactionStop.Refused(HintReason.AwaitsSupervisor, tid);
            }

            if (errno.Ok && look.State is 'S' or 'D' && threads.ReadCall(tid, out BlockedCall call).Ok && call.ExecutesProgram)
            {
                return TransactionStop.Executing(tid);
            }

            errno = ThreadList.IsGone(errno) ? Errno.None : errno;
            if (!errno.Ok)
            {
                break;
            }
        }

        return errno.Ok ? TransactionStop.None : TransactionStop.Unreadable(target, errno);
    }

    /// <remarks>
    /// Any stop interrupts that wait: the supervisor's answer is rejected, and the call is repeated, to a supervisor that has already done the work.
    /// The file reads 0 for a running thread, and for readers without permission.
    /// </remarks>
    private static Errno AwaitsSupervisor(ThreadList threads, int tid, out bool isSupervised)
    {
        Span<byte> text = stackalloc byte[64];
        isSupervised = false;
        Errno errno = threads.Open(tid, "/wchan\0"u8, out LocalFile file);
        using (file)
        {
            int count = 0;
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            isSupervised = errno.Ok && text[..count].StartsWith(Supervised);
            return errno.IsDenied ? Errno.None : errno;
        }
    }
}
