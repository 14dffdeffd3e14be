using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Applies a policy for processes that share a target's address space: looks for them before each freeze, and again inside it.</summary>
/// <param name="target">The target.</param>
/// <param name="policy">The policy.</param>
/// <param name="users">Avoids the search if the kernel's counts show that there is no sharer; null if they cannot be read.</param>
[RunsFrozen]
internal sealed class SharerWatch(ProcessTarget target, SharerPolicy policy, UsersReader? users)
{
    /// <summary>How often the counts are read before a search: a process that only inspects the address space is done by then.</summary>
    private const int MaxReadings = 4;

    private static bool s_isWarm;

    private readonly SharerSearch? _search = policy != SharerPolicy.Ignore && SharerSearch.Availability.Ok ? target.Sharers : null;
    private int[] _held = [];

    public SharerPolicy Policy => policy;

    /// <summary>Whether a sharer was found that must be frozen and that the last freezer does not hold.</summary>
    public bool HasFoundAnother { get; private set; }

    /// <summary>Looks for the sharers that the next freezer must hold, by policy. From then on they count as held.</summary>
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

    /// <summary>Finds a sharer that the freezer does not hold; 0 if there is none, or a search is not supported on this machine.</summary>
    /// <param name="isFrozen">Whether the target and the known sharers are held, so that they cannot clone more.</param>
    /// <param name="sharer">The sharer.</param>
    /// <returns>An error on the caller's side that made the search incomplete.</returns>
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
            _search.AssumeNone(0); // every process is checked
            Search(_search, isThorough: true, out _);
            s_isWarm = true;
        }
    }

    /// <summary>Whether every user of the address space is a thread of the target or of a held sharer: then there is no other sharer to find.</summary>
    /// <remarks>
    /// For a running target this is trusted only if no new tid was allocated in the meantime: a thread cloned between the two counts
    /// would mask a sharer.
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

    /// <remarks>The search is thorough if the kernel counts a user that is no process's leader, and the target is not frozen during it.</remarks>
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
                return Errno.None; // one is enough to refuse, even if the search was incomplete
            }
        }

        return errno;
    }
}
