using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The text for a log: what happened, and what to do about it.</summary>
internal static class ReasonText
{
    /// <summary>Explains <see cref="HintReason.PauseTooShort"/>, with the pause that is needed.</summary>
    public static string ExplainPause(TimeSpan needed) => string.Create(
        CultureInfo.InvariantCulture, $"{Explain(HintReason.PauseTooShort, 0, default)} Allow a pause of {needed.TotalMilliseconds:0.###} ms, or use match ranges, the layout sequence (CAP_BPF, CAP_PERFMON) or another freezer.");

    /// <summary>Explains <see cref="HintReason.GuardNotAvailable"/>, with its cause.</summary>
    public static string ExplainGuard(string why) =>
        $"{Explain(HintReason.GuardNotAvailable, 0, default)}{(why.Length == 0 ? " It has exited or is stopped." : $" Cause: {why}.")}";

    /// <summary>Explains <see cref="HintReason.HelperNotAvailable"/>, with its cause.</summary>
    public static string ExplainHelper(string why) => $"{Explain(HintReason.HelperNotAvailable, 0, default)} Cause: {why}.";

    /// <summary>Explains a cancellation while a call is pending.</summary>
    public static string ExplainPendingCancelled() => $"{Explain(HintReason.Cancelled, 0, default)} {Explain(HintReason.CallDidNotReturn, 0, default)}";

    public static string Explain(HintReason reason, int subject, Errno errno)
    {
        string text = reason switch
        {
            HintReason.None => string.Empty,
            HintReason.LayoutChanged => "The layout has changed since the plan was made; plan again.",
            HintReason.LayoutMovedMeanwhile => "The layout changed while the ranges were advised; some hints may have landed on other memory. Plan again.",
            HintReason.AddressSpaceReplaced => "The process has called execve since the plan was made; plan again.",
            HintReason.PlanExpired => "The plan has expired; plan again.",
            HintReason.TargetExited => "The process has exited.",
            HintReason.PidReused => "The process of the plan has exited, and its pid now belongs to another process; plan again.",
            HintReason.SequenceNotAvailable =>
                "The layout sequence cannot be compared: it is unreadable for this process, or the plan has none newer than five minutes. Plan again, or use match layout with consistency frozen.",
            HintReason.CollapseMovesTheSequence => "Collapsing moves the layout sequence itself; use consistency frozen.",
            HintReason.RangeNotMapped => "A range is not fully mapped, reaches into a mapping that must not be hinted, or (collapse) contains no whole huge page; plan again with ranges inside mapped memory.",
            HintReason.NotPermitted when errno == Errno.EPERM => CallerRights.Read().ExplainRefusedHint(),
            HintReason.NotPermitted => "The process may not be accessed; run as the same user (if the process is dumpable) or with CAP_SYS_PTRACE.",
            HintReason.FreezeNotPermitted => "The process may not be frozen in this way; run with CAP_SYS_PTRACE, or choose another freezer.",
            HintReason.ThreadGroupLeaderExited => "Its thread-group leader has exited while other threads live; the kernel cannot advise such a process.",
            HintReason.InitProcess => "The process with pid 1 is never frozen.",
            HintReason.AncestorOfCaller => "An ancestor of the caller is never frozen; run from another process tree.",
            HintReason.ChildOfCaller => "Ptrace cannot hold a child of the calling .NET process, whose SIGCHLD handling may reap its stops; use freezer auto, signal or cgroup.",
            HintReason.TracedByAnother => "Another process traces it and could thaw it; detach the debugger or tracer first.",
            HintReason.CgroupNotUsable when errno == Errno.EOPNOTSUPP => "Its cgroup is threaded, and may hold threads of several processes; choose another freezer.",
            HintReason.CgroupNotUsable => "The cgroup cannot be frozen: the process is not in it, or it is the root, has child groups, or holds the caller or other processes. Put the process into a cgroup v2 leaf of its own, name one that it is in (cgroup), or choose another freezer.",
            HintReason.GuardNotAvailable => "No guard process is available to thaw the target if the caller dies. Use the ptrace freezer, or set AllowUnguardedFreeze.",
            HintReason.AddressSpaceShared => "Another process shares its address space and would keep running; freeze sharers too, or try later.",
            HintReason.HeldByAnotherEngine => "Another transaction held it until the freeze timeout; try later. If an engine crashed, run: cmadvise recover.",
            HintReason.ThawedByAnother => "Another process thawed it while the ranges were advised; some hints may have landed on other memory. Plan again.",
            HintReason.ThreadsDidNotStop => "Not every thread stopped in time; try later, or raise the freeze timeout.",
            HintReason.SomeRangesFailed => "Some ranges were skipped or advised only in part; see the status and errno of each range.",
            HintReason.AllRangesFailed => "The kernel advised none of the ranges; see the status and errno of each range.",
            HintReason.CouldNotLook => "A required check failed with an error on the caller's side, which says nothing about the process. Check RLIMIT_NOFILE, seccomp filters and that /proc is mounted and not hidden.",
            HintReason.DumpingCore => "It is dumping core, which a freeze would truncate; the process exits afterwards.",
            HintReason.TracesCaller => "It traces the caller, its guard or an ancestor, or their tracer: a freeze would deadlock. Detach it, or run from another process tree.",
            HintReason.SupervisesCaller => "It may answer system calls of the caller as a seccomp supervisor: a freeze would deadlock. Run outside that sandbox.",
            HintReason.AwaitsSupervisor => "One of its system calls waits for a seccomp supervisor, which would perform it twice after a freeze; try later.",
            HintReason.ParentActsOnStops => "Its parent (a shell with job control, or a program such as su) reacts when it stops: it would stop too, or take the terminal away. Use freezer ptrace or cgroup.",
            HintReason.PauseTooShort => "Freeze, recheck and thaw alone take more than half of the maximum pause.",
            HintReason.PauseLimitReached => "It was frozen up to the pause limit, then thawed: the caller was stopped, throttled or in a garbage collection. Plan again; raise the pause limit if this recurs.",
            HintReason.Executing => "It is in execve, which a freeze would delay or disturb; try later. If this persists, the file system of the program does not respond.",
            HintReason.CallDidNotReturn => "A call waits in the kernel for a file system or device that does not answer (FUSE, a network, swap); it was abandoned, and the process runs. When it continues, its hints may land on other memory. Check the server of that file system or device.",
            HintReason.HelperNotAvailable => "No helper process is available to run the transaction. Install the command cmadvise next to the program or in /usr/bin, or let the caller be the host.",
            HintReason.HelperExited => "The helper process was killed or stopped in the middle of the transaction; the target runs, and what was hinted is not known. Plan again.",
            HintReason.Cancelled => "Cancelled by the caller.",
            _ => reason.ToString(),
        };
        string who = subject == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" (process or thread {subject})");
        return errno.Ok ? text + who : $"{text}{who} [{errno}]";
    }
}
