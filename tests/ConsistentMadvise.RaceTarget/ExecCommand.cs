using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that puts a new image into the same process.</summary>
internal static unsafe class ExecCommand
{
    private const ulong ADDR_NO_RANDOMIZE = 0x0040000;   // linux/personality.h

    private static readonly byte[] Path = new byte[4096];

    /// <summary>
    /// <c>exec same|noaslr</c> - runs this program again, with its arguments and environment; the ready line of the new image is the answer -
    /// and <c>exec other [noaslr] PATH</c> - runs another one without arguments, which answers what it likes.
    /// </summary>
    public static void Exec(ref Arguments arguments, Reply reply)
    {
        bool other = arguments.Takes("other"u8);
        bool fixedLayout = arguments.Takes("noaslr"u8);
        ReadOnlySpan<byte> path = other ? arguments.Word() : default;
        if (path.IsEmpty == other || (!other && !fixedLayout && !arguments.Takes("same"u8)))
        {
            reply.Error(LibC.EINVAL, "usage"u8);
            return;
        }

        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (fixedLayout && Native.From(Native.Call(SyscallNumber.Personality, ADDR_NO_RANDOMIZE)) is int refused and not 0)
        {
            reply.Error(refused, "personality"u8);
            return;
        }

        Path.AsSpan().Clear();
        path.CopyTo(Path);

        // By the thread: /proc/self is the thread-group leader, which has no image once it has exited.
        if (!other && Native.ReadLink("/proc/thread-self/exe\0"u8, Path.AsSpan(..^1), out _) is int unknown and not 0)
        {
            reply.Error(unknown, "readlink"u8);
            return;
        }

        byte** words = Vector(other ? Path.AsSpan(..(path.Length + 1)) : File.ReadAllBytes("/proc/thread-self/cmdline"));
        byte** environment = Vector(File.ReadAllBytes("/proc/thread-self/environ"));
        int errno;
        fixed (byte* name = Path)
        {
            errno = Native.From(LibC.execve(name, words, environment));
        }

        NativeMemory.Free(words);
        NativeMemory.Free(environment);
        reply.Error(errno, "execve"u8);
    }

    // One block: the pointers, then the strings they point at, as execve(2) wants them.
    private static byte** Vector(ReadOnlySpan<byte> strings)
    {
        int count = strings.Count((byte)0);
        byte** vector = (byte**)NativeMemory.Alloc((nuint)(((count + 1) * sizeof(byte*)) + strings.Length));
        byte* next = (byte*)(vector + count + 1);
        strings.CopyTo(new Span<byte>(next, strings.Length));
        for (int i = 0; i < count; i++)
        {
            vector[i] = next;
            while (*next++ != 0)
            {
            }
        }

        vector[count] = null;
        return vector;
    }
}
