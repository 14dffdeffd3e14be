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

        if (Ancestry.IsAncestorOfCaller(target.Pid))
        {
            return FreezeResult.Refused(HintReason.AncestorOfCaller, target.Pid);
        }

        if (!target.Directory.ReadStat(out ProcStat stat).Ok)
        {
            return FreezeResult.TargetExited;
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
            : result with { Choice = $"{NameOf(freezer.Kind)}: asked for by name" };
    }

    private static FreezeResult CreateCheapest(
        ProcessTarget target, FreezeRequest request, int threads, bool isChild, out IFreezer? freezer)
    {
        bool mayTrace = Kernel.AskToTrace(target.Pid) is var errno && errno != Errno.EPERM && errno != Errno.EACCES;
        FreezerChoice choice = FreezerChoice.Make(FreezeCosts.Shared, threads, isChild, mayTrace);

        // Where ptrace would do, no time is worth a freeze that nobody undoes.
        FreezeRequest asked = choice.Second == FreezerKind.Ptrace ? request with { AllowsUnguarded = false } : request;
        FreezeResult first = CreateAs(choice.First, target, asked, out freezer);
        if (freezer is not null || choice.Second == FreezerKind.Auto || first.Status != FreezeStatus.Refused)
        {
            return first with { Choice = choice.Reason };
        }

        FreezeResult second = CreateAs(choice.Second, target, request, out freezer);
        return second with { Choice = $"{NameOf(choice.Second)}: {NameOf(choice.First)} comes first, but was refused ({first.Reason})" };
    }

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
                if (FreezeRecords.Shared.Create(JournalEntry.OfSignal(target), request.AllowsUnguarded, out _) is not { } record)
                {
                    return FreezeResult.Refused(HintReason.GuardNotAvailable);
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
            : target.HasExited ? FreezeResult.TargetExited
            : FreezeResult.Refused(HintReason.FreezeNotPermitted, target.Pid, errno);
    }

    private static string NameOf(FreezerKind kind) => kind switch
    {
        FreezerKind.Cgroup => "cgroup",
        FreezerKind.Signal => "signal",
        _ => "ptrace",
    };
}
