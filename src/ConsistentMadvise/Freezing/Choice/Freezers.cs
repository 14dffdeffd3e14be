using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Creates the freezer for a target, or reports why there is none.</summary>
internal static class Freezers
{
    /// <summary>Creates a freezer and reports why it was chosen, or reports why there is none.</summary>
    /// <remarks>
    /// A child of the caller is never frozen by ptrace: .NET's SIGCHLD handling waits for children by pid and may reap a ptrace stop; our
    /// wait would never see that stop, and .NET would assume that the child had exited.
    /// </remarks>
    public static MadeFreezer Create(ProcessTarget target, FreezeRequest request)
    {
        if (target.Pid == 1)
        {
            return TransactionStop.Refused(HintReason.InitProcess, 1);
        }

        Errno errno = Ancestry.IsAncestorOfCaller(target.Pid, out bool isAncestor);
        if (!errno.Ok || isAncestor)
        {
            return errno.Ok ? TransactionStop.Refused(HintReason.AncestorOfCaller, target.Pid) : TransactionStop.CouldNotLook(errno);
        }

        TransactionStop waited = CallerTracers.Check(target);
        if (!waited.IsNone)
        {
            return waited;
        }

        errno = target.Directory.ReadStat(out ProcStat stat);
        if (!errno.Ok)
        {
            return TransactionStop.Unreadable(target, errno);
        }

        bool isChild = stat.ParentPid == Environment.ProcessId;
        if (request.Kind == FreezerKind.Ptrace && isChild)
        {
            return TransactionStop.Refused(HintReason.ChildOfCaller, target.Pid);
        }

        return request switch
        {
            { Kind: FreezerKind.Auto, Cgroup: null } => CreateCheapest(target, request, stat.Threads, isChild),
            { Kind: FreezerKind.Auto } => CreateAs(FreezerKind.Cgroup, target, request, "cgroup: the caller named one"),
            { Kind: FreezerKind.Cgroup } => CreateAs(FreezerKind.Cgroup, target, request, "cgroup: asked for explicitly"),
            { Kind: FreezerKind.Signal } => CreateAs(FreezerKind.Signal, target, request, "signal: asked for explicitly"),
            _ => CreateAs(request.Kind, target, request, "ptrace: asked for explicitly"),
        };
    }

    /// <summary>Tries one kind after another until a freezer can be created. If none can, the result is the last refusal, and the choice lists them all.</summary>
    private static MadeFreezer CreateCheapest(ProcessTarget target, FreezeRequest request, int threads, bool isChild)
    {
        string untraceable = isChild ? string.Empty : TraceRight.WhatIsMissing(target.Pid);
        FreezerChoice choice = FreezerChoice.Make(FreezeCosts.Shared, threads, isChild, untraceable);
        TransactionStop last = TransactionStop.None;
        List<string>? refusals = null;
        for (int i = 0; i < choice.Order.Length; i++)
        {
            FreezerKind kind = choice.Order[i];

            // If ptrace is possible, no time saved justifies a freeze that nothing undoes.
            bool isBeforePtrace = choice.Order.AsSpan(i + 1).Contains(FreezerKind.Ptrace);
            MadeFreezer made = CreateAs(
                kind,
                target,
                isBeforePtrace ? request with { AllowsUnguarded = false } : request,
                refusals is null ? choice.Reason : $"{NameOf(kind)}: {List(untraceable, refusals)}");
            last = made.Freezer is CgroupFreezer { IsLockedByAnother: true } ? TransactionStop.HeldByAnotherEngine : made.Stop;
            bool isRefused = last.Status is HintStatus.Refused or HintStatus.FreezeTimedOut && !last.ForbidsEveryFreezer;
            if (!isRefused)
            {
                return made;
            }

            made.Freezer?.Dispose();
            (refusals ??= []).Add($"{NameOf(kind)} was refused ({Explain(last)})");
        }

        return new MadeFreezer(null, List(untraceable, refusals), last);
    }

    private static string List(string untraceable, List<string>? refusals) =>
        string.Join("; ", untraceable.Length == 0 ? refusals ?? [] : [$"ptrace was not tried ({untraceable})", .. refusals ?? []]);

    private static string Explain(TransactionStop refusal) =>
        $"{refusal.Reason}{(refusal.Errno.Ok ? string.Empty : $" {refusal.Errno}")}{(refusal.Detail.Length == 0 ? string.Empty : $": {refusal.Detail}")}";

    private static MadeFreezer CreateAs(FreezerKind kind, ProcessTarget target, FreezeRequest request, string choice)
    {
        TransactionStop stop = CreateAs(kind, target, request, out IFreezer? freezer);
        return new MadeFreezer(freezer, freezer is null ? stop.Detail : choice, stop);
    }

    private static TransactionStop CreateAs(FreezerKind kind, ProcessTarget target, FreezeRequest request, out IFreezer? freezer)
    {
        freezer = null;
        Errno errno;
        switch (kind)
        {
            case FreezerKind.Cgroup:
                TransactionStop stop = CgroupFreezer.Create(target, request, out CgroupFreezer? cgroup);
                freezer = cgroup;
                return stop;
            case FreezerKind.Signal:
                TransactionStop jobs = JobControl.Check(target);
                if (!jobs.IsNone)
                {
                    return jobs;
                }

                if (FreezeRecords.Shared.Create(JournalEntry.OfSignal(target), request.AllowsUnguarded, out string why, request.PauseLimit) is not { } record)
                {
                    return TransactionStop.Refused(HintReason.GuardNotAvailable) with { Detail = why };
                }

                errno = SignalFreezer.Create(target, record, out SignalFreezer? signal);
                freezer = signal;
                break;
            default:
                errno = PtraceFreezer.Create(target, out PtraceFreezer? ptrace);
                freezer = ptrace;
                break;
        }

        return errno.Ok ? TransactionStop.None
            : errno.IsDenied ? TransactionStop.Refused(HintReason.FreezeNotPermitted, target.Pid, errno)
            : TransactionStop.Unreadable(target, errno);
    }

    private static string NameOf(FreezerKind kind) => kind switch
    {
        FreezerKind.Cgroup => "cgroup",
        FreezerKind.Signal => "signal",
        _ => "ptrace",
    };
}
