namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that gives the process a process group of its own.</summary>
internal static class GroupCommand
{
    /// <summary><c>group</c> - from now on SIGTSTP, SIGTTIN and SIGTTOU stop it: the kernel discards them for a group none of whose parents is in the session (setpgid(2)).</summary>
    public static void Group(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            reply.From(Native.From(Native.Call(SyscallNumber.Setpgid, 0, 0)), "setpgid"u8);
        }
    }
}
