using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Does what a policy says about processes that share a target's address space: looks for them before each freeze, and again inside it.</summary>
/// <param name="target">The target.</param>
/// <param name="policy">The policy.</param>
/// <param name="users">Spares the search where the kernel's counts show that there is no sharer; null where they cannot be read.</param>
[RunsFrozen]
internal sealed class SharerWatch(ProcessTarget target, SharerPolicy policy, UsersReader? users)
{
    /// <summary>How often the counts are read before a search: a process that only looks at the address space is done by then.</summary>
    private const int MaxReadings = 4;

    private static bool s_isWarm;

    private readonly SharerSearch? _search = policy != SharerPolicy.Ignore && SharerSearch.Availability.Ok ? target.Sharers : null;
    private int[] _held = [];

    public SharerPolicy Policy => policy;

    /// <summary>Whether a sharer was found that is to be frozen, and that the freezer made last does not know.</summary>
    public bool HasFoundAnother { get; private set; }

    /// <summary>Looks for the sharers that the next freezer has to hold, by policy. From then on they count as held.</summary>
    public TransactionStop FindToHold(out int[] sharers)
    {
        _held = sharers = [];
        Errno errno = FindUnheld(isFrozen: false, out int sharer);
        HasFoundAnother = false;
        if (!errno.Ok)
        {
            return TransactionStop.CouldNotLook(errno);
        }

        if (sharer != 0 && policy != SharerPolicy.Freeze)
        {
            return TransactionStop.Refused(HintReason.AddressSpaceShared, sharer);
        }

        _held = sharers = sharer != 0 ? _search!.Found.ToArray() : [];
        return TransactionStop.None;
    }

    /// <summary>Finds a sharer that the freezer does not hold; 0 when there is none, or this machine has no way to search.</summary>
    /// <param name="isFrozen">Whether the target and the known sharers are held: then they create no further one.</param>
    /// <param name="sharer">The sharer.</param>
    /// <returns>An error of the caller's that kept the search from being complete.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno FindUnheld(bool isFrozen, out int sharer)
    {
        sharer = 0;
        Errno errno = _search is null || IsAlone(isFrozen) ? Errno.None : Search(_search, isThorough: users is not null && !isFrozen, out sharer);
        HasFoundAnother |= sharer != 0 && policy == SharerPolicy.Freeze;
        return errno;
    }

    /// <summary>Runs the code of <see cref="FindUnheld"/>, so that nothing is compiled while the target is frozen.</summary>
    public void WarmUp()
    {
        users?.TryRead(target.Pid, out _, out _, out _);
        if (_search is not null && !s_isWarm)
        {
            Search(_search, isThorough: true, out _);
            _search.AssumeNone(0); // all are asked
            Search(_search, isThorough: true, out _);
            s_isWarm = true;
        }
    }

    /// <summary>Whether every user of the address space is a thread of the target or of a held sharer: then there is none to search for.</summary>
    /// <remarks>
    /// For a running target this is believed only if no tid was allocated in between: a thread created between the two counts
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

    /// <remarks>Thorough when the kernel counts a user that is no process's leader, and time is not the target's.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno Search(SharerSearch search, bool isThorough, out int sharer)
    {
        Errno errno = search.Run(isThorough);
        sharer = 0;
        foreach (int pid in search.Found)
        {
            if (!_held.Contains(pid))
            {
                sharer = pid;
                return Errno.None; // one is enough to refuse, whatever was not seen
            }
        }

        return errno;
    }
}
