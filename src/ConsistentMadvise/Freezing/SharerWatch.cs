using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>Does what a policy says about those who share a target's address space: looks for them before each freeze, and again inside it.</summary>
/// <param name="target">The target.</param>
/// <param name="policy">The policy.</param>
/// <param name="users">Spares the search where it can tell that there is nobody to be found; null where there is none.</param>
internal sealed class SharerWatch(ProcessTarget target, SharerPolicy policy, UsersReader? users)
{
    /// <summary>How often the counts are read before somebody is searched for: who only looks at the address space is gone by then.</summary>
    private const int MaxReadings = 4;

    private static bool s_isRehearsed;

    private readonly SharerSearch? _search = policy != SharerPolicy.Ignore && SharerSearch.Availability.Ok ? target.Sharers : null;
    private int[] _held = [];

    /// <summary>Whether a sharer was found that is to be frozen, and that the freezer made last does not know.</summary>
    public bool HasFoundAnother { get; private set; }

    /// <summary>Makes the freezer of the target and, by policy, of its sharers. A result other than <see cref="FreezeStatus.Frozen"/> says why there is none.</summary>
    public FreezeResult CreateFreezer(FreezeRequest request, out IFreezer? freezer)
    {
        freezer = null;
        _held = [];
        int sharer = FindUnheld(isFrozen: false);
        HasFoundAnother = false;
        if (policy != SharerPolicy.Freeze)
        {
            return sharer != 0 ? FreezeResult.Refused(HintReason.AddressSpaceShared, sharer) : Freezers.Create(target, request, out freezer);
        }

        _held = sharer != 0 ? _search!.Found.ToArray() : [];
        FreezeResult result = FreezerSet.Create(target, request with { SharerPids = _held }, out FreezerSet? set);
        freezer = set;
        return result;
    }

    /// <summary>Finds a sharer that the freezer does not hold; 0 when there is none, or nobody can tell.</summary>
    /// <param name="isFrozen">Whether the target and the known sharers are held: then nobody is born among them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int FindUnheld(bool isFrozen)
    {
        int sharer = _search is null || IsAlone(isFrozen) ? 0 : Search(_search, isThorough: users is not null && !isFrozen);
        HasFoundAnother |= sharer != 0 && policy == SharerPolicy.Freeze;
        return sharer;
    }

    /// <summary>Runs the code of <see cref="FindUnheld"/>, so that nothing is compiled while the target is frozen.</summary>
    public void Rehearse()
    {
        users?.TryRead(target.Pid, out _, out _, out _);
        if (_search is not null && !s_isRehearsed)
        {
            Search(_search, isThorough: true);
            _search.AssumeNone(0); // everybody is asked
            Search(_search, isThorough: true);
            s_isRehearsed = true;
        }
    }

    /// <summary>Whether every user of the address space is a thread of the target or of a held sharer: then there is nobody to search for.</summary>
    /// <remarks>
    /// Of a running target this is believed when no number was given to a new thread meanwhile: one that was born between the two counts
    /// would make up for a sharer.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsAlone(bool isFrozen)
    {
        for (int reading = 0; users is not null && (isFrozen || _held.Length == 0) && reading < MaxReadings; reading++)
        {
            int lastPid = isFrozen ? 0 : LastPid.Read();
            if (!users.TryRead(target.Pid, out int count, out int threads, out AddressSpaceId space) || count != threads + CountHeldThreads(space))
            {
                continue;
            }

            if (isFrozen)
            {
                return true;
            }

            if (lastPid != 0 && LastPid.Read() == lastPid)
            {
                _search!.AssumeNone(lastPid);
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int CountHeldThreads(AddressSpaceId space)
    {
        int count = 0;
        foreach (int pid in _held)
        {
            count += users!.TryRead(pid, out _, out int threads, out AddressSpaceId own) && own == space ? threads : 0;
        }

        return count;
    }

    /// <remarks>Thorough when the kernel counts somebody who is nobody's main thread, and time is not the target's.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Search(SharerSearch search, bool isThorough)
    {
        search.Run(isThorough);
        foreach (int pid in search.Found)
        {
            if (!_held.Contains(pid))
            {
                return pid;
            }
        }

        return 0;
    }
}
