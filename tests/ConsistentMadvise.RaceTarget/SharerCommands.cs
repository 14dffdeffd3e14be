using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands that start another process with the target's own memory.</summary>
/// <remarks>
/// A sharer makes the system calls that its test asks for, whatever state the target is in: the test writes requests of seven 64-bit words
/// (number, arguments) to one pipe, which it opens as <c>/proc/TARGET/fd/N</c>, and reads a 64-bit result for each from the other.
/// </remarks>
internal static unsafe class SharerCommands
{
    private const int PR_SET_PDEATHSIG = 1;   // linux/prctl.h

    /// <summary><c>clonevm</c> - a sharer by CLONE_VM; answers its process id and the descriptors of the requests and the results.</summary>
    public static void CloneVm(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            Start(vfork: false, reply);
        }
    }

    /// <summary><c>vfork-hold</c> - the same by CLONE_VFORK: one thread of the target waits in the kernel until the sharer ends.</summary>
    public static void VforkHold(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            Start(vfork: true, reply);
        }
    }

    private static void Start(bool vfork, Reply reply)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            reply.Error(LibC.EOPNOTSUPP, "unsupported"u8);
            return;
        }

        if (Sharer.Create(out Sharer sharer) is int errno and not 0)
        {
            reply.Error(errno, "sharer"u8);
            return;
        }

        // Its own exit, by parent or by the end of the requests; and the test must see the end of the target's output.
        sharer.Ask(SyscallNumber.Prctl, PR_SET_PDEATHSIG, (ulong)LibC.SIGKILL);
        sharer.Ask(SyscallNumber.Close, (ulong)sharer.RequestEnd);
        sharer.Ask(SyscallNumber.Close, 0);
        sharer.Ask(SyscallNumber.Close, 1);
        sharer.Ask(SyscallNumber.Close, 2);
        if (vfork)
        {
            new WorkerThread(() => sharer.Start(LibC.CLONE_VFORK)).Start();
        }
        else
        {
            sharer.Start(0);
        }

        for (int asked = 0; asked < 5; asked++)
        {
            if (sharer.Await() < 0)
            {
                reply.Error(sharer.Failure, "clone"u8);
                return;
            }
        }

        sharer.LeavePipes();
        reply.Ok().Number(sharer.Pid).Number(sharer.RequestEnd).Number(sharer.ReplyEnd);
    }
}
