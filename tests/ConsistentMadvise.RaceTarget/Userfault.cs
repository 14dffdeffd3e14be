using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>userfaultfd(2): a descriptor through which another process provides the pages of this process.</summary>
internal static unsafe class Userfault
{
    // linux/userfaultfd.h
    private const ulong UFFDIO_API = 0xC018AA3F;
    private const ulong UFFD_API = 0xAA;

    /// <summary>
    /// <c>userfault</c> - opens one and agrees with the kernel on the interface; answers the descriptor's number. The process that takes the descriptor
    /// by <c>pidfd_getfd(2)</c> registers ranges of this process's memory and brings their pages.
    /// </summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (Open(out int descriptor) is int errno and not 0)
        {
            reply.Error(errno, "userfaultfd"u8);
            return;
        }

        reply.Ok().Number(descriptor);
    }

    public static int Open(out int descriptor)
    {
        descriptor = (int)Native.Call(SyscallNumber.Userfaultfd, (ulong)LibC.O_CLOEXEC);
        ulong* api = stackalloc ulong[] { UFFD_API, 0, 0 };
        return descriptor < 0 ? LibC.errno : Control(descriptor, UFFDIO_API, api);
    }

    public static int Control(int descriptor, ulong request, ulong* argument) =>
        Native.From(Native.Call(SyscallNumber.Ioctl, (ulong)descriptor, request, (ulong)argument));
}
