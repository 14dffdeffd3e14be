using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The system call that a thread sleeps in, as <c>/proc/PID/task/TID/syscall</c> shows it (proc_pid_syscall(5)).</summary>
/// <param name="Number">The system call number; negative if the thread is in none.</param>
/// <param name="Third">Its third argument.</param>
/// <param name="Fourth">Its fourth argument.</param>
internal readonly record struct BlockedCall(int Number, ulong Third, ulong Fourth)
{
    /// <summary>Whether a child's stop ends this wait: the options are the third argument of wait4(2) and the fourth of waitid(2).</summary>
    public bool WaitsForStops =>
        (Number == SyscallNumber.wait4 && (Third & Uapi.WUNTRACED) != 0) || (Number == SyscallNumber.waitid && (Fourth & Uapi.WUNTRACED) != 0);

    /// <summary>Whether the thread is in execve(2) or execveat(2).</summary>
    public bool ExecutesProgram => Number == SyscallNumber.execve || Number == SyscallNumber.execveat;

    public static BlockedCall Parse(ReadOnlySpan<byte> text)
    {
        Span<ulong> arguments = stackalloc ulong[4];
        if (!Utf8Parser.TryParse(text, out int number, out int consumed)) // "running"
        {
            return new BlockedCall(-1, 0, 0);
        }

        ReadOnlySpan<byte> rest = text[consumed..];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!rest.StartsWith(" 0x"u8) || !Utf8Parser.TryParse(rest[3..], out arguments[i], out int digits, 'x'))
            {
                return new BlockedCall(-1, 0, 0);
            }

            rest = rest[(3 + digits)..];
        }

        return new BlockedCall(number, arguments[2], arguments[3]);
    }
}
