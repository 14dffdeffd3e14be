using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A thread inside a system call that waits for a page that is never provided: userfaultfd(2). No signal, tracer or freezer stops it there.</summary>
internal static unsafe class FaultCommand
{
    // linux/userfaultfd.h
    private const ulong UFFDIO_REGISTER = 0xC020AA00;
    private const ulong UFFDIO_ZEROPAGE = 0xC020AA04;
    private const ulong UFFDIO_REGISTER_MODE_MISSING = 1;

    private static WorkerThread? s_thread;
    private static int s_userfault;
    private static ulong s_page;

    /// <summary><c>fault hold</c> - answers once the thread is about to wait - and <c>fault release</c>, which brings the page.</summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("hold"u8) && s_thread is null)
        {
            reply.From(Hold(), "userfaultfd"u8);
        }
        else if (arguments.Takes("release"u8) && s_thread is not null)
        {
            reply.From(Release(), "userfaultfd"u8);
        }
        else
        {
            reply.Error(LibC.EINVAL, "usage"u8);
        }
    }

    private static int Hold()
    {
        int zeros = -1;
        int errno = Userfault.Open(out s_userfault);
        errno = errno != 0 ? errno : Native.Map(0, Native.PageSize, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, out s_page);
        ulong* registration = stackalloc ulong[] { s_page, Native.PageSize, UFFDIO_REGISTER_MODE_MISSING, 0 };
        errno = errno != 0 ? errno : Userfault.Control(s_userfault, UFFDIO_REGISTER, registration);
        errno = errno != 0 ? errno : Native.Open("/dev/zero\0"u8, LibC.O_RDONLY, out zeros);
        if (errno != 0)
        {
            return errno;
        }

        s_thread = new WorkerThread(() =>
        {
            // The kernel itself writes to the page: a fault of the thread's own code could be interrupted.
            _ = Native.Read(zeros, new Span<byte>((void*)s_page, 1), out _);
            _ = Native.Close(zeros);
        });
        s_thread.Start();
        return AwaitFault();
    }

    /// <summary>Reads the kernel's message that the thread waits.</summary>
    private static int AwaitFault()
    {
        Span<byte> message = stackalloc byte[32];
        return Native.Read(s_userfault, message, out _);
    }

    private static int Release()
    {
        ulong* page = stackalloc ulong[] { s_page, Native.PageSize, 0, 0 };
        int errno = Userfault.Control(s_userfault, UFFDIO_ZEROPAGE, page);
        if (errno == 0)
        {
            s_thread!.Join();
            s_thread = null;
            _ = Native.Close(s_userfault);
        }

        return errno;
    }
}
