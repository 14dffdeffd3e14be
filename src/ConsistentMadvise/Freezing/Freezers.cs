using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Makes the freezer that a target can be frozen by, or says why there is none.</summary>
internal static class Freezers
{
    /// <summary>Makes a freezer. A result other than <see cref="FreezeStatus.Frozen"/> says why there is none.</summary>
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

        bool isChild = Ancestry.IsChildOfCaller(target);
        Errno errno;
        switch (request.Kind)
        {
            case FreezerKind.Ptrace when isChild:
                return FreezeResult.Refused(HintReason.ChildOfCaller, target.Pid);
            case FreezerKind.Cgroup:
                FreezeResult result = CgroupFreezer.Create(target, request, out CgroupFreezer? cgroup);
                freezer = cgroup;
                return result;
            case FreezerKind.Signal:
            case FreezerKind.Auto when isChild:
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

        return errno.Ok ? FreezeResult.Frozen : target.HasExited ? FreezeResult.TargetExited : FreezeResult.Refused(HintReason.FreezeNotPermitted, target.Pid, errno);
    }
}
