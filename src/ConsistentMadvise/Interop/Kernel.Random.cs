using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>getrandom(2)</c> - an unpredictable number. .NET's own sources need <c>/dev/urandom</c>, which a container may lack.</summary>
    public static Errno GetRandom(out ulong value)
    {
        ulong number = 0;
        int count = (int)(long)LibC.syscall(SyscallNumber.getrandom, &number, sizeof(ulong), 0); // up to 256 bytes are never partial
        value = number;
        return Errno.From(count);
    }
}
