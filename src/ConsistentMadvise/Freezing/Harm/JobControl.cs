using System.Buffers.Text;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines whether the parent of a process acts on its stops: shells with job control do, and programs that stop along with their child.</summary>
/// <remarks>
/// The kernel reports a stop by SIGCHLD, and to parents that wait with <c>WUNTRACED</c> (wait4(2)); a continuation undoes neither. <c>su</c> and
/// <c>runuser</c> then stop themselves for good, and a shell takes the terminal from its job. Only a parent that is waiting right now shows the arguments of its wait. A parent
/// that waits only after a SIGCHLD is recognized by its command name, or by the terminal and process group that it gave its child: job control works by groups.
/// </remarks>
internal static class JobControl
{
    private const ulong ChildBit = 1 << (Uapi.SIGCHLD - 1);

    [ThreadStatic]
    private static DirectoryNumbers? s_tids;

    /// <summary>Programs that stop along with their child, or continue it, even without a terminal.</summary>
    private static readonly string[] KnownParents = ["su", "runuser", "sudo", "sudo-rs", "doas", "script", "scriptlive", "nsenter", "screen", "tmux: server"];

    /// <summary><see cref="TransactionStop.None"/> if no process is known to act on a stop of the target.</summary>
    public static TransactionStop Check(ProcessTarget target)
    {
        Errno errno = target.Directory.ReadStat(out ProcStat stat);
        if (!errno.Ok)
        {
            return TransactionStop.Unreadable(target, errno);
        }

        // 0: the parent is outside the caller's pid namespace. A caller that is the parent knows what it requested.
        if (stat.ParentPid == 0 || stat.ParentPid == Environment.ProcessId)
        {
            return TransactionStop.None;
        }

        errno = ProcDirectory.Open(stat.ParentPid, out ProcDirectory? parent);
        using (parent)
        {
            bool acts = false;
            errno = errno.Ok ? ActsOnStops(parent!, stat, out acts) : errno;
            return acts ? TransactionStop.Refused(HintReason.ParentActsOnStops, stat.ParentPid)
                : errno.Ok || ThreadList.IsGone(errno) ? TransactionStop.None // it has exited: its child now has a reaper as its parent
                : TransactionStop.CouldNotLook(errno);
        }
    }

    private static Errno ActsOnStops(ProcDirectory parent, in ProcStat child, out bool acts)
    {
        acts = false;
        Errno errno = parent.ReadStat(out ProcStat stat);
        bool isJob = child.HasTerminal && child.Group != stat.Group;
        bool isKnown = false;
        errno = errno.Ok ? IsKnown(parent, out isKnown) : errno;
        bool listens = false;
        errno = errno.Ok && isJob ? ListensForChildren(parent, out listens) : errno;
        bool waits = false;
        errno = errno.Ok ? WaitsForStops(parent, out waits) : errno;
        if (errno.IsDenied)
        {
            // The parent's calls cannot be read. A shell that waits for its foreground job need not handle SIGCHLD.
            waits = isJob;
            errno = Errno.None;
        }

        acts = isKnown || listens || waits;
        return errno;
    }

    private static Errno IsKnown(ProcDirectory parent, out bool isKnown)
    {
        Span<byte> name = stackalloc byte[32];
        Errno errno = parent.ReadFile("comm\0"u8, name, out int count);
        ReadOnlySpan<byte> command = name[..count].TrimEnd((byte)'\n');
        isKnown = false;
        foreach (string known in KnownParents)
        {
            isKnown |= errno.Ok && Ascii.Equals(command, known);
        }

        return errno;
    }

    /// <summary>Whether the parent handles SIGCHLD, or blocks it as signalfd(2) requires.</summary>
    private static Errno ListensForChildren(ProcDirectory parent, out bool listens)
    {
        Errno errno = ReadSignals(parent, "\nSigCgt:\t"u8, out ulong caught);
        ulong blocked = 0;
        errno = errno.Ok ? ReadSignals(parent, "\nSigBlk:\t"u8, out blocked) : errno;
        listens = ((caught | blocked) & ChildBit) != 0;
        return errno;
    }

    private static Errno ReadSignals(ProcDirectory process, ReadOnlySpan<byte> label, out ulong signals)
    {
        Span<byte> value = stackalloc byte[16];
        signals = 0;
        Errno errno = process.OpenFile("status\0"u8, out LocalFile status);
        using (status)
        {
            int length = 0;
            errno = errno.Ok ? ProcStatus.Find(in status, label, value, out length) : errno;
            return errno.Ok && !Utf8Parser.TryParse(value[..length], out signals, out _, 'x') ? Errno.ESRCH : errno;
        }
    }

    private static Errno WaitsForStops(ProcDirectory parent, out bool waits)
    {
        waits = false;
        Errno errno = parent.OpenFile("task\0"u8, out SafeDescriptor task);
        using (task)
        {
            DirectoryNumbers tids = s_tids ??= new DirectoryNumbers(64);
            errno = errno.Ok ? tids.Reread(task) : errno;
            Span<byte> path = stackalloc byte[32];
            Span<byte> text = stackalloc byte[256];
            for (int i = 0; errno.Ok && !waits && i < tids.Numbers.Length; i++)
            {
                Utf8Formatter.TryFormat(tids.Numbers[i], path, out int digits);
                "/syscall\0"u8.CopyTo(path[digits..]);
                errno = Kernel.OpenAt(task, path, Uapi.O_RDONLY, out LocalFile file);
                using (file)
                {
                    int count = 0;
                    errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
                    waits = errno.Ok && BlockedCall.Parse(text[..count]).WaitsForStops;
                }

                errno = ThreadList.IsGone(errno) ? Errno.None : errno;
            }
        }

        return errno;
    }
}
