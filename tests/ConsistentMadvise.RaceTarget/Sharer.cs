using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>One process that shares the target's memory: its code, its stack and the two pipes to it.</summary>
internal sealed unsafe class Sharer
{
    private const ulong StackPages = 4;

    private readonly ulong _code;
    private readonly SharerContext* _context;
    private long _started;

    private Sharer(ulong code, SharerContext* context, int requestEnd, int replyEnd)
    {
        _code = code;
        _context = context;
        RequestEnd = requestEnd;
        ReplyEnd = replyEnd;
    }

    /// <summary>The target's descriptor that requests are written to. The sharer ends when the last one like it is closed.</summary>
    public int RequestEnd { get; }

    /// <summary>The target's descriptor that results are read from.</summary>
    public int ReplyEnd { get; }

    public int Pid => Volatile.Read(ref _context->Pid);

    /// <summary>The errno of a clone that failed, zero before and otherwise.</summary>
    public int Failure => Volatile.Read(ref _started) is long started && started < 0 ? (int)-started : 0;

    /// <summary>Lays out a page of code, a page of context and a stack, and opens the pipes. They outlive <c>execve(2)</c>, as the sharer does.</summary>
    public static int Create(out Sharer sharer)
    {
        sharer = null!;
        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS;
        int errno = Slots.Map((2 + StackPages) * Native.PageSize, LibC.PROT_READ | LibC.PROT_WRITE, flags, -1, out ulong code);
        if (errno != 0)
        {
            return errno;
        }

        SharerCode.X64.CopyTo(new Span<byte>((void*)code, Native.PageSize));
        SharerContext* context = (SharerContext*)(code + Native.PageSize);
        errno = Native.Protect(code, Native.PageSize, LibC.PROT_READ | LibC.PROT_EXEC);
        int requestEnd = -1;
        int replyEnd = -1;
        if (errno == 0)
        {
            errno = Native.Pipe(0, out context->RequestDescriptor, out requestEnd);
        }

        if (errno == 0)
        {
            errno = Native.Pipe(0, out replyEnd, out context->ReplyDescriptor);
        }

        sharer = new Sharer(code, context, requestEnd, replyEnd);
        return errno;
    }

    /// <summary>Puts a request into the pipe.</summary>
    public void Ask(int number, ulong a = 0, ulong b = 0)
    {
        Span<ulong> request = [(ulong)number, a, b, 0, 0, 0, 0];
        if (Native.Write(RequestEnd, MemoryMarshal.AsBytes(request), out _) != 0)
        {
            LibC._exit(1);
        }
    }

    /// <summary>Waits for the result of a request.</summary>
    public long Await()
    {
        Span<long> result = stackalloc long[1];
        return Native.Read(ReplyEnd, MemoryMarshal.AsBytes(result), out int count) == 0 && count == sizeof(long) ? result[0] : -LibC.EIO;
    }

    /// <summary><c>clone(2)</c> with CLONE_VM; with CLONE_VFORK it returns when the sharer has exited.</summary>
    public void Start(int flags)
    {
        ulong all = (ulong)(flags | LibC.CLONE_VM | LibC.CLONE_PARENT_SETTID | LibC.SIGCHLD);
        ulong stack = _code + ((2 + StackPages) * Native.PageSize);
        long result = ((delegate* unmanaged<ulong, ulong, int*, SharerContext*, long>)_code)(all, stack, &_context->Pid, _context);
        Volatile.Write(ref _started, result);
        if (result < 0)
        {
            LeavePipes();
        }
    }

    /// <summary>Closes the target's copies of the sharer's own ends, so that its results end when it does.</summary>
    public void LeavePipes()
    {
        _ = Native.Close(_context->RequestDescriptor);
        _ = Native.Close(_context->ReplyDescriptor);
    }
}
