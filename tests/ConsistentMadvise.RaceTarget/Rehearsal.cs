using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>
/// Makes the runtime do, before the target says that it is ready, all it would ever do late: compile, resolve, allocate. It plays
/// commands through a loop like the real one until this process's own maps stay the same over several plays.
/// </summary>
internal static class Rehearsal
{
    private const int CalmPlays = 4;
    private const int MostPlays = 40;

    // The addresses are those of successive slots. What a question mark begins may be refused: the machine lacks it, or it must not happen here.
    private static readonly string[] Script =
    [
        "ping", "pid", "vmas",
        "map 4", "touch 1000000000 4", "read 1000000000 4", "resident 1000000000 4", "madvise 1000000000 4 4", "mlock 1000000000 4",
        "protect 1000000000 4 r", "protect 1000000000 4 rw", "replace 1000000000 4 same", "replace 1000000000 4 other",
        "remap 1000000000 4 5", "remap 1000000000 5 6 move", "unmap 1002200000 6",
        "mapfile /proc/self/exe 1 private", "unmap 1004400000 1",
        "fields 4 1", "unmap 1006600000 4",
        "brk 1", "brk -1",
        "map 4", "dontunmap 1008800000 4", "unmap 1008800000 4", "unmap 100aa00000 4",
        "memfd 2", "memfd 2 shared", "unmap 100cc00000 2", "unmap 100ee00000 2",
        "?huge 1", "?unmap 1011000000 512", "?hugetlb 1", "?unmap 1013200000 512",
        "?stack 1000000", "?rename zz", "?group x", "?exec", "?untraced",
        "?uring open", "?uring reap", "?uring close", "?onsignal map 1", "?onsignal count", "?onsignal off",
        "cont", "contstorm start", "contstorm stop",
        "churn 0 1", "churn stop", "churn 0 1 100", "churn stop",
        "gap start", "gap read", "gap stop",
    ];

    /// <summary>Null when the layout is at rest, otherwise what went wrong.</summary>
    public static string? Run()
    {
        Prepare();
        byte[] before = new byte[512 << 10];
        byte[] after = new byte[512 << 10];
        if (Native.Pipe(LibC.O_CLOEXEC, out int commands, out int toCommands) != 0 || Native.Pipe(LibC.O_CLOEXEC, out int fromReplies, out int replies) != 0)
        {
            return "no pipes";
        }

        CommandLoop loop = new(commands, replies);
        (byte[] Text, bool MayFail)[] script = Array.ConvertAll(Script, static line => (Encoding.ASCII.GetBytes(line.TrimStart('?') + "\n"), line[0] == '?'));
        byte[] reply = new byte[256];
        string? failure = null;
        for (int play = 0, calm = 0; calm < CalmPlays && failure is null; play++)
        {
            _ = OwnMaps.Read(before, out int lengthBefore);
            if (calm == 0)
            {
                Reserves.Open(before.AsSpan(0, lengthBefore));
            }

            failure = play == MostPlays ? "the layout does not come to rest" : Play(loop, script, toCommands, fromReplies, reply);
            _ = OwnMaps.Read(after, out int lengthAfter);
            calm = before.AsSpan(0, lengthBefore).SequenceEqual(after.AsSpan(0, lengthAfter)) ? calm + 1 : 0;
        }

        Slots.Reset();
        foreach (int descriptor in (ReadOnlySpan<int>)[commands, toCommands, fromReplies, replies])
        {
            _ = Native.Close(descriptor);
        }

        return failure;
    }

    private static string? Play(CommandLoop loop, (byte[] Text, bool MayFail)[] script, int toCommands, int fromReplies, byte[] reply)
    {
        Slots.Reset();
        loop.SayReady(Environment.ProcessId);
        _ = Native.Read(fromReplies, reply, out _);
        foreach ((byte[] line, bool mayFail) in script)
        {
            _ = Native.Write(toCommands, line, out _);
            loop.Step();
            _ = Native.Read(fromReplies, reply, out int count);
            if (!mayFail && !reply.AsSpan(0, count).StartsWith("ok"u8))
            {
                return Encoding.ASCII.GetString(line) + Encoding.ASCII.GetString(reply, 0, count);
            }
        }

        _ = Native.Write(toCommands, "bogus\n"u8, out _);
        loop.Step();
        _ = Native.Read(fromReplies, reply, out _);
        return null;
    }

    // For the commands that cannot be played: they would stop or end this process, or leave threads and children.
    private static void Prepare()
    {
        // What the finalizer thread does when it is first woken.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;
        foreach (Type type in typeof(Rehearsal).Assembly.GetTypes())
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            foreach (MethodBase method in type.GetMembers(Declared).OfType<MethodBase>())
            {
                if (method.GetMethodBody() is not null && !method.ContainsGenericParameters)
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
            }
        }

        foreach (MethodInfo binding in typeof(LibC).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            if (binding.Name is nameof(LibC.syscall) or nameof(LibC._exit))
            {
                Marshal.Prelink(binding);
            }
        }
    }
}
