using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>futex(FUTEX_WAIT)</c> - sleeps while a word has a value; <c>EAGAIN</c> if it has another, <c>ETIMEDOUT</c> after the timeout.</summary>
    public static Errno FutexWait(ref int word, int value, long nanoseconds)
    {
        (long Seconds, long Nanoseconds) time = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        fixed (int* address = &word)
        {
            return Errno.From((int)(long)LibC.syscall(SyscallNumber.futex, address, Uapi.FUTEX_WAIT | Uapi.FUTEX_PRIVATE_FLAG, value, &time, 0, 0));
        }
    }

    /// <summary><c>futex(FUTEX_WAKE)</c> - wakes one thread that sleeps on a word.</summary>
    public static Errno FutexWake(ref int word)
    {
        fixed (int* address = &word)
        {
            return Errno.From((int)(long)LibC.syscall(SyscallNumber.futex, address, Uapi.FUTEX_WAKE | Uapi.FUTEX_PRIVATE_FLAG, 1, 0, 0, 0));
        }
    }
}
