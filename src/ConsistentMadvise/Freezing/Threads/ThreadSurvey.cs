using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks at every thread of a target that still runs for what forbids to stop it.</summary>
/// <remarks>Before each window and outside of its pause. Another look follows when the threads have stopped, for what has come meanwhile.</remarks>
[RunsFrozen]
internal static class ThreadSurvey
{
    /// <summary>Where a thread sleeps whose call its seccomp supervisor answers (<c>kernel/seccomp.c</c>). The compiler may append to the name.</summary>
    private static ReadOnlySpan<byte> Supervised => "seccomp_do_user_notification"u8;

    /// <summary><see cref="TransactionStop.None"/> when nothing speaks against a freeze.</summary>
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
    /// Any stop interrupts that wait: the supervisor's answer is refused, and the call is made again, by a supervisor that has done its work already.
    /// The file says 0 of a thread that runs, and to those who may not look.
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
