using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that has a signal handler change the layout. x86-64 only.</summary>
internal static unsafe class SignalCommands
{
    private const int Handler = 0;
    private const ulong Room = 1UL << 30;

    private static ulong s_room;

    /// <summary>
    /// <c>onsignal map PAGES</c> - from now on each SIGUSR1 maps that much private anonymous memory, apart from the other times; <c>onsignal count</c> -
    /// answers how often the handler did, and how often the kernel refused; <c>onsignal off</c> - unmaps it all and lets the signal kill again.
    /// </summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("map"u8))
        {
            ulong length = arguments.Pages();
            if (arguments.Accepted(reply))
            {
                reply.From(Install(length), "onsignal"u8);
            }
        }
        else if (arguments.Takes("count"u8) && s_room != 0)
        {
            HandlerContext* context = MachineCode.HandlerData(Handler);
            reply.Ok().Number(Volatile.Read(ref context->Mapped)).Number(Volatile.Read(ref context->Refused));
        }
        else if (arguments.Takes("off"u8) && s_room != 0)
        {
            reply.From(Remove(), "onsignal"u8);
        }
        else
        {
            reply.Error(LibC.EINVAL, "usage"u8);
        }
    }

    /// <summary>Has a signal handled by one of the handlers of <see cref="MachineCode"/>, or not any more.</summary>
    public static int Handle(int signal, int handler, bool on)
    {
        sigaction action = default;
        action.sa_handler = on ? (void*)MachineCode.HandlerEntry(handler) : LibC.SIG_DFL;
        action.sa_flags = LibC.SA_RESTART;
        return Native.From(LibC.sigaction(signal, &action, null));
    }

    private static int Install(ulong length)
    {
        if (MachineCode.Errno != 0 || s_room != 0)
        {
            return MachineCode.Errno != 0 ? MachineCode.Errno : LibC.EBUSY;
        }

        s_room = Slots.Take(Room);
        *MachineCode.HandlerData(Handler) = new HandlerContext
        {
            Next = s_room,
            Step = length + Native.PageSize,   // neighbours would merge
            Length = length,
            Protection = (ulong)(LibC.PROT_READ | LibC.PROT_WRITE),
            Flags = (ulong)(LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED_NOREPLACE),
        };
        return Handle(LibC.SIGUSR1, Handler, on: true);
    }

    private static int Remove()
    {
        int errno = Handle(LibC.SIGUSR1, Handler, on: false);
        errno = errno != 0 ? errno : Native.Unmap(s_room, Room);
        s_room = 0;
        return errno;
    }
}
