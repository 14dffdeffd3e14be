using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>The capabilities of the calling thread: Linux keeps them per thread (capabilities(7)).</summary>
internal static unsafe class CapabilitySet
{
    public const int SysPtrace = 19;
    public const int SysAdmin = 21;
    public const int Perfmon = 38;
    public const int Bpf = 39;

    private const uint Version3 = 0x20080522;   // _LINUX_CAPABILITY_VERSION_3
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Runs an action on a thread that lacks some capabilities, and ends with it.</summary>
    public static void RunWithout(int[] capabilities, Action action) => OwnThread.Run(() =>
    {
        Drop(capabilities);
        action();
    });

    private static void Drop(int[] capabilities)
    {
        // capget(2), capset(2): { version, pid }, and twice { effective, permitted, inheritable }.
        uint* header = stackalloc uint[] { Version3, 0 };
        uint* sets = stackalloc uint[6];
        Assert.Equal(Errno.None, Errno.From((int)(long)LibC.syscall(IsArm ? 90 : 125, header, sets)));
        foreach (int capability in capabilities)
        {
            uint* effective = sets + capability / 32 * 3;
            Assert.NotEqual(0u, *effective & 1u << capability % 32);
            effective[0] &= ~(1u << capability % 32);
            effective[1] &= ~(1u << capability % 32); // permitted: what real credentials are asked for
        }

        Assert.Equal(Errno.None, Errno.From((int)(long)LibC.syscall(IsArm ? 91 : 126, header, sets)));
    }
}
