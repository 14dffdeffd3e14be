using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>bpf(2)</c> - one command; <paramref name="result"/> is a descriptor for those that make one.</summary>
    public static Errno Bpf(int command, ref bpf_attr attributes, out int result)
    {
        fixed (bpf_attr* argument = &attributes)
        {
            result = (int)(long)LibC.syscall(SyscallNumber.bpf, command, argument, sizeof(bpf_attr));
        }

        return Errno.From(result);
    }

    /// <summary><c>mmap(2)</c> - maps private anonymous memory that may be read and written.</summary>
    public static Errno MapPrivateAnonymous(ulong length, out nint address)
    {
        void* mapped = LibC.mmap(null, (size_t)length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        address = (nint)mapped;
        return address == -1 ? Errno.Last : Errno.None;
    }

    /// <summary><c>mmap(2)</c> - maps the start of a file, to be read only.</summary>
    public static Errno MapFile(int descriptor, ulong length, out nint address)
    {
        void* mapped = LibC.mmap(null, (size_t)length, LibC.PROT_READ, LibC.MAP_PRIVATE, descriptor, 0);
        address = (nint)mapped;
        return address == -1 ? Errno.Last : Errno.None;
    }

    /// <summary><c>munmap(2)</c> - unmaps whole pages.</summary>
    public static Errno Unmap(nint address, ulong length) => Errno.From(LibC.munmap((void*)address, (size_t)length));
}
