using System.Collections.Concurrent;

namespace ConsistentMadvise;

/// <summary>The calls of this process that were given up and have not returned: each occupies a thread, and resumes advising when it can.</summary>
internal static class PendingCalls
{
    /// <summary>How many targets may have one: a file server that hangs affects many.</summary>
    private const int MaxTargets = 64;

    private static readonly ConcurrentDictionary<ProcessIdentity, HintThread> ByTarget = [];

    /// <summary>Whether a call that may wait must not be made: one for this process is pending, or too many for others are.</summary>
    public static bool Forbid(ProcessIdentity target, Advice advice)
    {
        if (ByTarget.IsEmpty)
        {
            return false;
        }

        foreach ((ProcessIdentity process, HintThread thread) in ByTarget)
        {
            if (!thread.IsPending)
            {
                ByTarget.TryRemove(process, out _);
            }
        }

        return ByTarget.ContainsKey(target) || (advice.MayWait && ByTarget.Count >= MaxTargets);
    }

    public static void Add(ProcessIdentity target, HintThread thread) => ByTarget[target] = thread;
}
