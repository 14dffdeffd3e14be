using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>bpf(BPF_MAP_CREATE)</c> - creates a map and returns its descriptor.</summary>
    public static Errno BpfMap(ref bpf_attr attributes, out SafeDescriptor map) => Bpf(Uapi.BPF_MAP_CREATE, ref attributes, out map);

    /// <summary><c>bpf(BPF_PROG_LOAD)</c> - verifies a program and returns its descriptor.</summary>
    public static Errno BpfLoad(ref bpf_attr attributes, out SafeDescriptor program) => Bpf(Uapi.BPF_PROG_LOAD, ref attributes, out program);

    /// <summary><c>bpf(BPF_PROG_TEST_RUN)</c> - runs a loaded program once, with a context. Allocates nothing.</summary>
    public static Errno BpfRun(SafeDescriptor program, ref bpf_attr attributes)
    {
        using SafeDescriptor.Use use = program.Borrow();
        attributes.test.prog_fd = (uint)use.Number;
        return Bpf(Uapi.BPF_PROG_TEST_RUN, ref attributes, out int _);
    }

    /// <summary><c>bpf(BPF_LINK_CREATE)</c> - links a loaded program to its attach point.</summary>
    public static Errno BpfLink(SafeDescriptor program, ref bpf_attr attributes, out SafeDescriptor link)
    {
        using SafeDescriptor.Use use = program.Borrow();
        attributes.link_create.prog_fd = (uint)use.Number;
        return Bpf(Uapi.BPF_LINK_CREATE, ref attributes, out link);
    }

    /// <summary><c>bpf(BPF_ITER_CREATE)</c> - begins one walk of a linked iterator.</summary>
    public static Errno BpfIterate(SafeDescriptor link, out SafeDescriptor iterator)
    {
        using SafeDescriptor.Use use = link.Borrow();
        bpf_attr attributes = default;
        attributes.iter_create.link_fd = (uint)use.Number;
        return Bpf(Uapi.BPF_ITER_CREATE, ref attributes, out iterator);
    }

    /// <summary><c>mmap(2)</c> - maps private anonymous memory, readable and writable.</summary>
    public static Errno MapPrivateAnonymous(ulong length, out nint address)
    {
        void* mapped = LibC.mmap(null, (size_t)length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        address = (nint)mapped;
        return address == -1 ? Errno.Last : Errno.None;
    }

    /// <summary><c>mmap(2)</c> - maps the start of a file read-only.</summary>
    public static Errno MapFile(SafeDescriptor file, ulong length, out nint address)
    {
        using SafeDescriptor.Use use = file.Borrow();
        void* mapped = LibC.mmap(null, (size_t)length, LibC.PROT_READ, LibC.MAP_PRIVATE, use.Number, 0);
        address = (nint)mapped;
        return address == -1 ? Errno.Last : Errno.None;
    }

    /// <summary><c>mprotect(2)</c> - makes whole pages readable, and writable or not.</summary>
    public static Errno Protect(nint address, ulong length, bool isWritable) =>
        Errno.From(LibC.mprotect((void*)address, (size_t)length, LibC.PROT_READ | (isWritable ? LibC.PROT_WRITE : 0)));

    /// <summary><c>munmap(2)</c> - unmaps whole pages.</summary>
    public static Errno Unmap(nint address, ulong length) => Errno.From(LibC.munmap((void*)address, (size_t)length));

    private static Errno Bpf(int command, ref bpf_attr attributes, out SafeDescriptor made)
    {
        Errno errno = Bpf(command, ref attributes, out int descriptor);
        made = SafeDescriptor.Own(descriptor);
        return errno;
    }

    private static Errno Bpf(int command, ref bpf_attr attributes, out int result)
    {
        fixed (bpf_attr* argument = &attributes)
        {
            result = (int)(long)LibC.syscall(SyscallNumber.bpf, command, argument, sizeof(bpf_attr));
        }

        return Errno.From(result);
    }
}
