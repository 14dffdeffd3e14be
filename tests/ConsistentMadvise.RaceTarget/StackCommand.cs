namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that grows the thread-group leader's stack.</summary>
internal static class StackCommand
{
    /// <summary><c>stack PAGES</c> - touches the page so far below the stack, so that its VMA grows down to there; answers where it begins now.</summary>
    /// <remarks><c>EFAULT</c> beyond RLIMIT_STACK, or where less than the guard gap (a mebibyte) would be left to what is below it.</remarks>
    public static void Grow(ref Arguments arguments, Reply reply)
    {
        ulong length = arguments.Pages();
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (OwnMaps.FindStack(out ulong start) is int unknown and not 0)
        {
            reply.Error(unknown, "maps"u8);
            return;
        }

        reply.From(Touch(start - length), start - length, "stack"u8);
    }

    /// <summary>Writes by the kernel's hand, which answers with an error where a store would kill this process.</summary>
    public static int Touch(ulong address) => Native.From(Native.Call(SyscallNumber.Getrandom, address, sizeof(ulong)));
}
