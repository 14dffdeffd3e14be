using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes a target and the processes that share its address space, each by its own freezer; a cgroup holds them all at once.</summary>
/// <remarks>
/// The target is frozen first. A thread of it that waits for its <c>vfork(2)</c> child stops only once that child calls execve(2) or exits, which a frozen child
/// never does. And from then on only the sharers themselves can create more sharers.
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

    /// <summary>Creates the freezers of a target and of <see cref="FreezeRequest.SharerPids"/>. A sharer that has exited since needs none.</summary>
    public static MadeFreezer Create(ProcessTarget target, FreezeRequest request)
    {
        MadeFreezer made = Freezers.Create(target, request);
        if (made.Freezer is not { } own)
        {
            return made;
        }

        FreezerSet set = new(target, own, request.SharerPids.Count);
        FreezeRequest perSharer = request with { SharerPids = [], Cgroup = null };
        for (int i = 0; i < request.SharerPids.Count && own.Kind != FreezerKind.Cgroup; i++)
        {
            TransactionStop added = set.Add(request.SharerPids[i], perSharer);
            if (added.Status == HintStatus.Refused)
            {
                set.Dispose();
                return added;
            }
        }

        return made with { Freezer = set };
    }

    public void WarmUp()
    {
        _freezers.ForEach(static freezer => freezer.WarmUp());
        TryReserve(deadline: 0, out _);
        Thaw();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReserve(long deadline, out TransactionStop refusal)
    {
        refusal = TransactionStop.HeldByAnotherEngine;
        bool isReserved = true;
        for (int i = 0; isReserved && i < _freezers.Count; i++)
        {
            // The transaction holds the target's lock. Two transactions that hold each other's sharers time out.
            isReserved = (i == 0 || _locks[i - 1].TryTake(deadline)) && _freezers[i].TryReserve(deadline, out refusal);
        }

        if (!isReserved)
        {
            Thaw();
        }

        return isReserved;
    }

    public TransactionStop Survey()
    {
        TransactionStop result = TransactionStop.None;
        for (int i = 0; result.IsNone && i < _freezers.Count; i++)
        {
            TransactionStop one = _freezers[i].Survey();
            result = i > 0 && one.Status == HintStatus.TargetExited ? result : one; // a sharer that has exited needs no freeze
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Freeze(long deadline)
    {
        for (int i = 0; i < _freezers.Count; i++)
        {
            // A sharer that has exec'd since no longer shares the address space.
            bool isSharer = true;
            Errno errno = i == 0 ? Errno.None : _target.Sharers.IsSharer(_sharers[i - 1].Pid, out isSharer);
            if (errno.Ok && !isSharer)
            {
                continue;
            }

            TransactionStop result = errno.Ok ? _freezers[i].Freeze(deadline) : TransactionStop.CouldNotLook(errno);
            _isHeld[i] = result.IsNone;
            if (!_isHeld[i] && (i == 0 || result.Status != HintStatus.TargetExited))
            {
                Thaw();
                return result;
            }
        }

        return TransactionStop.None;
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

    /// <summary>Thaws all freezers; a failure of one does not keep the others frozen.</summary>
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
            _freezers[last].Thaw(); // even if it holds no process: it may have reserved something
        }
        finally
        {
            ThawFrom(last - 1);
        }
    }

    private TransactionStop Add(int pid, FreezeRequest request)
    {
        if (!ProcessTarget.TryOpen(pid, out ProcessTarget? sharer, out TargetError error, out Errno errno))
        {
            return error is TargetError.NotFound or TargetError.Zombie ? TransactionStop.TargetExited
                : error == TargetError.CouldNotLook ? TransactionStop.CouldNotLook(errno)
                : TransactionStop.Refused(HintReason.AddressSpaceShared, pid);
        }

        (IFreezer? freezer, _, TransactionStop stop) = Freezers.Create(sharer, request);
        if (freezer is null || !TargetLock.Open(sharer, out TargetLock? targetLock).Ok || targetLock is null)
        {
            stop = freezer is null ? stop with { Subject = pid }
                : sharer.HasExited ? TransactionStop.TargetExited
                : TransactionStop.Refused(HintReason.AddressSpaceShared, pid);
            freezer?.Dispose();
            sharer.Dispose();
            return stop;
        }

        _locks.Add(targetLock);
        _sharers.Add(sharer);
        _freezers.Add(freezer);
        return stop;
    }
}
