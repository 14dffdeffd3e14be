using System.Buffers.Text;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that renames the process.</summary>
internal static unsafe class NameCommand
{
    private const int PR_SET_NAME = 15;    // linux/prctl.h
    private const int MostBytes = 15;      // TASK_COMM_LEN without its zero

    /// <summary><c>rename HEX</c> - the name of the thread that serves the commands, which is the thread-group leader until it exits: up to 15 bytes, each as two digits.</summary>
    public static void Rename(ref Arguments arguments, Reply reply)
    {
        ReadOnlySpan<byte> word = arguments.Word();
        byte* name = stackalloc byte[MostBytes + 1];
        int length = word.Length / 2;
        bool wellFormed = word.Length % 2 == 0 && length is >= 1 and <= MostBytes;
        for (int i = 0; wellFormed && i < length; i++)
        {
            wellFormed = Utf8Parser.TryParse(word.Slice(2 * i, 2), out name[i], out int used, 'x') && used == 2;
        }

        if (!wellFormed)
        {
            reply.Error(LibC.EINVAL, "usage"u8);
            return;
        }

        name[length] = 0;
        if (arguments.Accepted(reply))
        {
            reply.From(Native.From(Native.Call(SyscallNumber.Prctl, PR_SET_NAME, (ulong)name)), "prctl"u8);
        }
    }
}
