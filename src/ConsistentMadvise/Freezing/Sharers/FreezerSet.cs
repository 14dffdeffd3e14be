using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes a target and those who share its address space, each by a freezer of its own; a cgroup holds them all at once.</summary>
/// <remarks>
/// The target first. A thread of it that waits for its <c>vfork(2)</c> child stops only when that executes or ends, which a frozen child
/// never does. And from then on only the sharers themselves can start more.
/// </remarks>
[RunsFrozen]
internal sealed class FreezerSet : ITracingFreezer
{
    private readonly ProcessTarget _target;
    private readonly List<IFreezer> _freezers;
    private readonly List<ProcessTarget> _sharers = [];
    private readonly List<TargetLock> _locks = [];
    private readonly bool[] _isHeld;

    private FreezerSet(ProcessTarget target, IFreezer own, int sharers)
    {
        _target = target;
        _freezers = [own];
        _isHeld = new bool[sharers + 1];
    }

    public FreezerKind Kind => _freezers[0].Kind;

    public bool IsPastLimit => _freezers.Any(static freezer => freezer.IsPastLimit);

    public bool HasFired => _freezers.Any(static freezer => freezer.HasFired);

    public bool MustEndThread => _freezers.Any(static freezer => freezer is ITracingFreezer { MustEndThread: true });

    /// <summary>Makes the freezers of a target and of <see cref="FreezeRequest.SharerPids"/>. A sharer that has ended meanwhile needs none.</summary>
    public static FreezeResult Create(ProcessTarget target, FreezeRequest request, out FreezerSet? set)
    {
        set = null;
        FreezeResult result = Freezers.Create(target, request, out IFreezer? own);
        if (own is null)
        {
            return result;
        }

        FreezerSet made = new(target, own, request.SharerPids.Count);
        FreezeRequest perSharer = request with { SharerPids = [], Cgroup = null };
        for (int i = 0; i < request.SharerPids.Count && own.Kind != FreezerKind.Cgroup; i++)
        {
            FreezeResult added = made.Add(request.SharerPids[i], perSharer);
            if (added.Status == FreezeStatus.Refused)
            {
                made.Dispose();
                return added;
            }
        }

        set = made;
        return result;
    }

    public void WarmUp()
    {
        _freezers.ForEach(static freezer => freezer.WarmUp());
        TryReserve(deadline: 0, out _);
        Thaw();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReserve(long deadline, out FreezeResult refusal)
    {
        refusal = FreezeResult.HeldByAnotherEngine;
        bool isReserved = true;
        for (int i = 0; isReserved && i < _freezers.Count; i++)
        {
            // The transaction has the target's lock. Two that have each other's sharers time out.
            isReserved = (i == 0 || _locks[i - 1].TryTake(deadline)) && _freezers[i].TryReserve(deadline, out refusal);
        }

        if (!isReserved)
        {
            Thaw();
        }

        return isReserved;
    }

    public FreezeResult Survey()
    {
        FreezeResult result = FreezeResult.Frozen;
        for (int i = 0; result.Status == FreezeStatus.Frozen && i < _freezers.Count; i++)
        {
            FreezeResult one = _freezers[i].Survey();
            result = i > 0 && one.Status == FreezeStatus.TargetExited ? result : one; // a sharer that has exited needs no freeze
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public FreezeResult Freeze(long deadline)
    {
        for (int i = 0; i < _freezers.Count; i++)
        {
            // A sharer that has exec'd since shares nothing any more.
            bool isSharer = true;
            Errno errno = i == 0 ? Errno.None : _target.Sharers.IsSharer(_sharers[i - 1].Pid, out isSharer);
            if (errno.Ok && !isSharer)
            {
                continue;
            }

            FreezeResult result = errno.Ok ? _freezers[i].Freeze(deadline) : FreezeResult.CouldNotLook(errno);
            _isHeld[i] = result.Status == FreezeStatus.Frozen;
            if (!_isHeld[i] && (i == 0 || result.Status != FreezeStatus.TargetExited))
            {
                Thaw();
                return result;
            }
        }

        return FreezeResult.Frozen;
    }

    public Errno IsHeld(out bool isHeld)
    {
        isHeld = true;
        Errno errno = Errno.None;
        for (int i = 0; errno.Ok && isHeld && i < _freezers.Count; i++)
        {
            errno = _isHeld[i] ? _freezers[i].IsHeld(out isHeld) : Errno.None;
        }

        return errno;
    }

    public void Renew()
    {
        foreach (IFreezer freezer in _freezers)
        {
            freezer.Renew();
        }
    }

    public void Thaw()
    {
        try
        {
            ThawFrom(_freezers.Count - 1);
        }
        finally
        {
            for (int i = 0; i < _locks.Count; i++)
            {
                _locks[i].Release();
            }
        }
    }

    public bool GivesUp(out int held)
    {
        foreach (IFreezer freezer in _freezers)
        {
            if (freezer is ITracingFreezer tracing && tracing.GivesUp(out held))
            {
                held = held == 0 && _isHeld.Contains(true) ? _target.Pid : held;
                return true;
            }
        }

        held = 0;
        return false;
    }

    public void ConfirmRelease()
    {
        foreach (IFreezer freezer in _freezers)
        {
            (freezer as ITracingFreezer)?.ConfirmRelease();
        }
    }

    public void Dispose()
    {
        _freezers.ForEach(static freezer => freezer.Dispose());
        _locks.ForEach(static targetLock => targetLock.Dispose());
        _sharers.ForEach(static sharer => sharer.Dispose());
    }

    /// <summary>Thaws one after the other; that one cannot be thawed does not keep the others frozen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ThawFrom(int last)
    {
        if (last < 0)
        {
            return;
        }

        try
        {
            _isHeld[last] = false;
            _freezers[last].Thaw(); // also one that holds nobody: it may have reserved something
        }
        finally
        {
            ThawFrom(last - 1);
        }
    }

    private FreezeResult Add(int pid, FreezeRequest request)
    {
        if (!ProcessTarget.TryOpen(pid, out ProcessTarget? sharer, out TargetError error, out Errno errno))
        {
            return error is TargetError.NotFound or TargetError.Zombie ? FreezeResult.TargetExited
                : error == TargetError.CouldNotLook ? FreezeResult.CouldNotLook(errno)
                : FreezeResult.Refused(HintReason.AddressSpaceShared, pid);
        }

        FreezeResult result = Freezers.Create(sharer, request, out IFreezer? freezer);
        if (freezer is null || !TargetLock.Open(sharer, out TargetLock? targetLock).Ok || targetLock is null)
        {
            result = freezer is null ? result with { Subject = pid }
                : sharer.HasExited ? FreezeResult.TargetExited
                : FreezeResult.Refused(HintReason.AddressSpaceShared, pid);
            freezer?.Dispose();
            sharer.Dispose();
            return result;
        }

        _locks.Add(targetLock);
        _sharers.Add(sharer);
        _freezers.Add(freezer);
        return result;
    }
}
