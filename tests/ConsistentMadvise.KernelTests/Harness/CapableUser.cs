using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>An ordinary user with every capability effective and none ambient: what a program with file capabilities runs as. Linux keeps it per thread.</summary>
internal static unsafe class CapableUser
{
    public const int User = 65534;

    private const int PR_SET_DUMPABLE = 4;
    private const int PR_SET_KEEPCAPS = 8;
    private const uint Version3 = 0x20080522; // _LINUX_CAPABILITY_VERSION_3

    /// <summary>Runs an action on a thread of its own, as that user.</summary>
    public static void Run(Action action) => OwnThread.Run(() =>
    {
        Become();
        action();
    });

    // By the system calls themselves: the C library would change every thread. Numbers of asm/unistd_64.h.
    private static void Become()
    {
        Assert.Equal(0, (int)(long)LibC.syscall(157, PR_SET_KEEPCAPS, 1, 0, 0, 0)); // prctl(2)
        Assert.Equal(0, (int)(long)LibC.syscall(117, User, User, User));            // setresuid(2)
        Assert.Equal(0, (int)(long)LibC.syscall(157, PR_SET_DUMPABLE, 1, 0, 0, 0)); // of the process: a change of user took it away
        uint* header = stackalloc uint[] { Version3, 0 };
        uint* sets = stackalloc uint[6];
        Assert.Equal(0, (int)(long)LibC.syscall(125, header, sets));                // capget(2)
        (sets[0], sets[3]) = (sets[1], sets[4]);                                    // all that is permitted
        Assert.Equal(0, (int)(long)LibC.syscall(126, header, sets));                // capset(2)
        Assert.Equal((uint)User, Kernel.EffectiveUser());
    }
}
