using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Makes the freezer that a target can be frozen by, or says why there is none.</summary>
internal static class Freezers
{
    /// <summary>Makes a freezer, and says by <see cref="FreezeResult.Choice"/> why it is that one. A result other than <see cref="FreezeStatus.Frozen"/> says why there is none.</summary>
    /// <remarks>
    /// A child of the caller is never frozen by ptrace: .NET's SIGCHLD handling waits for children by pid and may reap a ptrace stop; our
    /// wait would never see it, and .NET would believe that the child had exited.
    /// </remarks>
    public static FreezeResult Create(ProcessTarget target, FreezeRequest request, out IFreezer? freezer)
    {
        freezer = null;
        if (target.Pid == 1)
        {
            return FreezeResult.Refused(HintReason.InitProcess, 1);
        }

        Errno errno = Ancestry.IsAncestorOfCaller(target.Pid, out bool isAncestor);
        if (!errno.Ok || isAncestor)
        {
            return errno.Ok ? FreezeResult.Refused(HintReason.AncestorOfCaller, target.Pid) : FreezeResult.CouldNotLook(errno);
        }

        FreezeResult waited = CallerTracers.Check(target);
        if (waited.Status != FreezeStatus.Frozen)
        {
            return waited;
        }

        errno = target.Directory.ReadStat(out ProcStat stat);
        if (!errno.Ok)
        {
            return FreezeResult.Unreadable(target, errno);
        }

        bool isChild = stat.ParentPid == Environment.ProcessId;
        if (request.Kind == FreezerKind.Ptrace && isChild)
        {
            return FreezeResult.Refused(HintReason.ChildOfCaller, target.Pid);
        }

        FreezeResult result = request switch
        {
            { Kind: FreezerKind.Auto, Cgroup: null } => CreateCheapest(target, request, stat.Threads, isChild, out freezer),
            { Kind: FreezerKind.Auto } => CreateAs(FreezerKind.Cgroup, target, request, out freezer),
            _ => CreateAs(request.Kind, target, request, out freezer),
        };
        return freezer is null || result.Choice.Length != 0 ? result
            : request.Kind == FreezerKind.Auto ? result with { Choice = "cgroup: the caller has named one" }
            : result with { Choice = ExplicitChoice(freezer.Kind) };
    }

    /// <summary>
    /// Goes from one freezer to the next until one can be made. Where none can, the last refusal counts, and <see cref="FreezeResult.Choice"/> lists them all.
    /// </summary>
    private static FreezeResult CreateCheapest(
        ProcessTarget target, FreezeRequest request, int threads, bool isChild, out IFreezer? freezer)
    {
        string untraceable = isChild ? string.Empty : TraceRight.WhatIsMissing(target.Pid);
        FreezerChoice choice = FreezerChoice.Make(FreezeCosts.Shared, threads, isChild, untraceable);
        FreezeResult result = default;
        freezer = null;
        List<string>? refusals = null;
        for (int i = 0; i < choice.Order.Length && freezer is null; i++)
        {
            FreezerKind kind = choice.Order[i];

            // Where ptrace would do, no time is worth a freeze that no one undoes.
            bool isBeforePtrace = choice.Order.AsSpan(i + 1).Contains(FreezerKind.Ptrace);
            result = CreateAs(kind, target, isBeforePtrace ? request with { AllowsUnguarded = false } : request, out freezer);
            result = freezer is CgroupFreezer { IsLockedByAnother: true } ? FreezeResult.HeldByAnotherEngine : result;
            bool isRefused = (result.Status is FreezeStatus.Refused or FreezeStatus.TimedOut) && !result.ForbidsEveryFreezer;
            if (freezer is not null && isRefused)
            {
                freezer.Dispose();
                freezer = null;
            }

            if (!isRefused)
            {
                return result with { Choice = refusals is null ? choice.Reason : $"{NameOf(kind)}: {List(untraceable, refusals)}" };
            }

            (refusals ??= []).Add($"{NameOf(kind)} was refused ({Explain(result)})");
        }

        return result with { Choice = List(untraceable, refusals) };
    }

    private static string List(string untraceable, List<string>? refusals) =>
        string.Join("; ", untraceable.Length == 0 ? refusals ?? [] : [$"ptrace was not tried ({untraceable})", .. refusals ?? []]);

    private static string Explain(FreezeResult refusal) =>
        $"{refusal.Reason}{(refusal.Errno.Ok ? string.Empty : $" {refusal.Errno}")}{(refusal.Detail.Length == 0 ? string.Empty : $": {refusal.Detail}")}";

    private static FreezeResult CreateAs(FreezerKind kind, ProcessTarget target, FreezeRequest request, out IFreezer? freezer)
    {
        freezer = null;
        Errno errno;
        switch (kind)
        {
            case FreezerKind.Cgroup:
                FreezeResult result = CgroupFreezer.Create(target, request, out CgroupFreezer? cgroup);
                freezer = cgroup;
                return result;
            case FreezerKind.Signal:
                FreezeResult jobs = JobControl.Check(target);
                if (jobs.Status != FreezeStatus.Frozen)
                {
                    return jobs;
                }

                if (FreezeRecords.Shared.Create(JournalEntry.OfSignal(target), request.AllowsUnguarded, out string why, request.PauseLimit) is not { } record)
                {
                    return FreezeResult.Refused(HintReason.GuardNotAvailable) with { Detail = why };
                }

                errno = SignalFreezer.Create(target, record, out SignalFreezer? signal);
                freezer = signal;
                break;
            default:
                errno = PtraceFreezer.Create(target, out PtraceFreezer? ptrace);
                freezer = ptrace;
                break;
        }

        return errno.Ok ? FreezeResult.Frozen
            : errno.IsDenied ? FreezeResult.Refused(HintReason.FreezeNotPermitted, target.Pid, errno)
            : FreezeResult.Unreadable(target, errno);
    }

    private static string ExplicitChoice(FreezerKind kind) => kind switch
    {
        FreezerKind.Cgroup => "cgroup: asked for explicitly",
        FreezerKind.Signal => "signal: asked for explicitly",
        _ => "ptrace: asked for explicitly",
    };

    private static string NameOf(FreezerKind kind) => kind switch
    {
        FreezerKind.Cgroup => "cgroup",
        FreezerKind.Signal => "signal",
        _ => "ptrace",
    };
}
