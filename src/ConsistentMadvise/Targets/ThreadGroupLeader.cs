using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Distinguishes a process whose thread-group leader alone has exited from one that is exiting as a whole.</summary>
/// <remarks>In both, the leader is a zombie and other threads exist. In the second, these are exiting or have <c>SIGKILL</c> pending.</remarks>
internal static class ThreadGroupLeader
{
    private const ulong SigKillBit = 1 << (Uapi.SIGKILL - 1);

    /// <summary>Whether the leader has exited and a thread of the process lives on.</summary>
    public static Errno HasExitedAlone(ProcDirectory process, int pid, out bool hasEndedAlone)
    {
        hasEndedAlone = false;
        Errno errno = process.ReadStat(out ProcStat leader);
        if (!errno.Ok || !leader.IsZombie)
        {
            return IsGone(errno) ? Errno.None : errno;
        }

        errno = process.OpenFile("task\0"u8, out SafeDescriptor task);
        using (task)
        {
            DirectoryNumbers tids = new(64);
            errno = errno.Ok ? tids.Reread(task) : errno;
            for (int i = 0; errno.Ok && !hasEndedAlone && i < tids.Numbers.Length; i++)
            {
                int tid = tids.Numbers[i];
                errno = tid == pid ? Errno.None : LivesOn(process, tid, out hasEndedAlone);
            }
        }

        // A thread that calls execve(2) replaces a leader that has exited.
        if (errno.Ok && hasEndedAlone)
        {
            errno = process.ReadStat(out leader);
            hasEndedAlone = errno.Ok && leader.IsZombie;
        }

        return IsGone(errno) ? Errno.None : errno;
    }

    private static Errno LivesOn(ProcDirectory process, int tid, out bool livesOn)
    {
        livesOn = false;
        Errno errno = process.ReadThreadStat(tid, out ProcStat stat);
        if (!errno.Ok || stat.IsZombie || stat.IsExiting)
        {
            return IsGone(errno) ? Errno.None : errno;
        }

        bool isKilled = true;
        errno = process.OpenThreadStatus(tid, out LocalFile status);
        using (status)
        {
            Span<byte> value = stackalloc byte[16];
            int length = 0;
            errno = errno.Ok ? ProcStatus.Find(in status, "\nSigPnd:\t"u8, value, out length) : errno;
            isKilled = !errno.Ok || !Utf8Parser.TryParse(value[..length], out ulong pending, out _, 'x') || (pending & SigKillBit) != 0;
        }

        // SIGKILL is no longer pending once the thread has dequeued it; the thread is then exiting.
        errno = errno.Ok && !isKilled ? process.ReadThreadStat(tid, out stat) : errno;
        livesOn = errno.Ok && !isKilled && !stat.IsZombie && !stat.IsExiting;

        return IsGone(errno) ? Errno.None : errno;
    }

    /// <summary>Whether the error says that the thread was reaped. The directory is held open, so nothing else can hide it.</summary>
    private static bool IsGone(Errno errno) => errno == Errno.ENOENT || errno == Errno.ESRCH;
}
