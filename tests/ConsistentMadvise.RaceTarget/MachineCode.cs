using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>
/// A page of machine code and a page of its data, mapped before the target is ready. What runs in a signal handler, or in a process that shares
/// the target's memory, cannot be managed: it would use the stack, the thread record and the locks of the thread that it came upon.
/// </summary>
internal static unsafe class MachineCode
{
    // Apart from the slots, and inside 39 bits too.
    private const ulong Code = 0xF_0000_0000;
    private const ulong Data = Code + Native.PageSize;

    private const int HandlerRoom = 128;
    private const int HandlerCount = 2;
    private const int ScriptEntry = HandlerRoom * HandlerCount;
    private const int ScriptData = 1024;
    private const int LongestScript = 16;

    /// <summary>Zero when the code is there, otherwise why not: <c>EOPNOTSUPP</c> on anything but x86-64.</summary>
    public static int Errno { get; private set; }

    /// <summary>The calls that <see cref="Clone"/> makes, up to one with a negative number. One thread at a time may use it.</summary>
    public static Span<ScriptCall> Script => new((void*)(Data + ScriptData), LongestScript);

    /// <summary>Maps both pages, at the start of the process.</summary>
    public static void Prepare()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Errno = LibC.EOPNOTSUPP;
            return;
        }

        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED_NOREPLACE;
        Errno = Native.Map(Code, 2 * Native.PageSize, LibC.PROT_READ | LibC.PROT_WRITE, flags, -1, out _);
        if (Errno != 0)
        {
            return;
        }

        for (int handler = 0; handler < HandlerCount; handler++)
        {
            Span<byte> room = new((void*)HandlerEntry(handler), HandlerRoom);
            X64Code.Handler.CopyTo(room);
            BitConverter.TryWriteBytes(room[X64Code.HandlerContextAt..], (ulong)HandlerData(handler));
        }

        X64Code.Script.CopyTo(new Span<byte>((void*)(Code + ScriptEntry), Native.PageSize - ScriptEntry));
        Errno = Native.Protect(Code, Native.PageSize, LibC.PROT_READ | LibC.PROT_EXEC);
    }

    /// <summary>The entry of a handler, as <c>sigaction(2)</c> wants it.</summary>
    public static ulong HandlerEntry(int handler) => Code + ((ulong)handler * HandlerRoom);

    /// <summary>What a handler works with.</summary>
    public static HandlerContext* HandlerData(int handler) => (HandlerContext*)Data + handler;

    /// <summary><c>clone(2)</c> of a process that makes the calls of the script, writes down their results, and exits; answers its id or a negative errno.</summary>
    public static long Clone(bool sharesMemory)
    {
        // A stack for whatever may come: the script itself uses none.
        ulong stack = sharesMemory ? Data + Native.PageSize : 0;
        ulong flags = (ulong)(LibC.SIGCHLD | (sharesMemory ? LibC.CLONE_VM : 0));
        return ((delegate* unmanaged<ulong, ulong, ulong, long>)(Code + ScriptEntry))(flags, stack, Data + ScriptData);
    }
}
