using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The sentence for a log: what happened, and what to do where something can be done.</summary>
internal static class ReasonText
{
    public static string Explain(HintReason reason, int subject, Errno errno)
    {
        string text = reason switch
        {
            HintReason.None => string.Empty,
            HintReason.LayoutChanged => "The layout has changed since the plan was made; plan again.",
            HintReason.LayoutMovedMeanwhile => "The layout changed while the ranges were advised; some hints may have landed on other memory. Plan again.",
            HintReason.AddressSpaceReplaced => "The process has executed another program since the plan was made; plan again.",
            HintReason.PlanExpired => "The plan is past its expiry; plan again.",
            HintReason.TargetExited => "The process has ended.",
            HintReason.PidReused => "The process of the plan has ended, and its pid belongs to another process now.",
            HintReason.SequenceNotAvailable =>
                "The kernel's layout sequence cannot be compared: it cannot be read for this process, or the plan has none younger than five minutes; plan again, or use match layout with consistency frozen.",
            HintReason.CollapseMovesTheSequence => "Collapsing moves the layout sequence itself; use consistency frozen.",
            HintReason.RangeNotMapped => "A range lies where nothing is mapped, or where a mapping is not memory to be hinted.",
            HintReason.NotPermitted when errno == Errno.EPERM => "Hinting another process needs CAP_SYS_NICE in the initial user namespace.",
            HintReason.NotPermitted => "The process may not be accessed; run as the same user (if the process is dumpable) or with CAP_SYS_PTRACE.",
            HintReason.FreezeNotPermitted => "The process may not be frozen in this way; run with CAP_SYS_PTRACE, or choose another freezer.",
            HintReason.MainThreadEnded => "Its main thread has ended while others live; the kernel cannot advise such a process.",
            HintReason.InitProcess => "The process with pid 1 is never frozen.",
            HintReason.AncestorOfCaller => "An ancestor of the caller is never frozen; run from elsewhere.",
            HintReason.ChildOfCaller => "A child of the calling .NET process cannot be held by ptrace, whose stops .NET's SIGCHLD handling may reap; use freezer auto, signal or cgroup.",
            HintReason.TracedByAnother => "Another process traces it and could let it run; end the debugger or tracer first.",
            HintReason.CgroupNotUsable => "The cgroup cannot be frozen for it: it is not its own, is the root, has child groups, or holds the caller or other processes. Put the process into a cgroup v2 leaf of its own, name one that it is in (cgroup), or choose another freezer.",
            HintReason.GuardNotAvailable => "Nobody would let the process run if the caller died: no guard process can be had. Use freezer ptrace, or allow an unguarded freeze by name.",
            HintReason.AddressSpaceShared => "Another process shares its address space and would not be held; freeze sharers too, or try later.",
            HintReason.HeldByAnotherEngine => "Another transaction held it until the freeze timeout; try later. If an engine has died, run: cmadvise recover.",
            HintReason.ThawedByAnother => "Another process let it run while the ranges were advised; some hints may have landed on other memory. Plan again.",
            HintReason.ThreadsDidNotStop => "Not every thread came to rest in time; try later, or raise the freeze timeout.",
            HintReason.SomeRangesFailed => "Some ranges were skipped or advised only in part.",
            HintReason.AllRangesFailed => "The kernel advised none of the ranges.",
            HintReason.Cancelled => "Cancelled by the caller.",
            _ => reason.ToString(),
        };
        string who = subject == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" (process or thread {subject})");
        return errno.Ok ? text + who : $"{text}{who} [{errno}]";
    }
}
