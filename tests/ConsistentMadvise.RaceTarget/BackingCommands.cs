using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands that map what is not ordinary memory: files without a name, and pages of 2 MiB.</summary>
internal static unsafe class BackingCommands
{
    private const int HugePages = 512;   // small pages in one of 2 MiB

    // linux/memfd.h, linux/mman.h, asm-generic/mman-common.h
    private const ulong MFD_CLOEXEC = 1;
    private const int MAP_HUGETLB = 0x40000;
    private const int MAP_HUGE_2MB = 21 << 26;
    private const int MADV_HUGEPAGE = 14;
    private const int MADV_POPULATE_WRITE = 23;

    private static readonly int ReadWrite = LibC.PROT_READ | LibC.PROT_WRITE;
    private static readonly int PrivateAnonymous = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS;

    /// <summary><c>memfd PAGES [private|shared]</c> - a file that only this mapping knows; maps shows it as <c>/memfd:race (deleted)</c>; answers its address.</summary>
    public static void Memfd(ref Arguments arguments, Reply reply)
    {
        ulong length = arguments.Pages();
        bool shared = arguments.Takes("shared"u8);
        if (!shared)
        {
            arguments.Takes("private"u8);
        }

        if (!arguments.Accepted(reply))
        {
            return;
        }

        ulong address = 0;
        int errno = CreateMemfd(length, out int file);
        if (errno == 0)
        {
            errno = Slots.Map(length, ReadWrite, shared ? LibC.MAP_SHARED : LibC.MAP_PRIVATE, file, out address);
            _ = Native.Close(file);
        }

        reply.From(errno, address, "memfd"u8);
    }

    /// <summary><c>huge COUNT</c> - private anonymous memory of so many times 2 MiB with MADV_HUGEPAGE, touched; answers its address.</summary>
    public static void Huge(ref Arguments arguments, Reply reply)
    {
        ulong length = arguments.Pages() * HugePages;
        if (!arguments.Accepted(reply))
        {
            return;
        }

        int errno = Slots.Map(length, ReadWrite, PrivateAnonymous, -1, out ulong address);
        errno = errno != 0 ? errno : Native.Advise(address, length, MADV_HUGEPAGE);
        errno = errno != 0 ? errno : Native.Advise(address, length, MADV_POPULATE_WRITE);
        reply.From(errno, address, "huge"u8);
    }

    /// <summary><c>hugetlb COUNT</c> - so many reserved pages of 2 MiB, touched; <c>ENOMEM</c> where <c>/proc/sys/vm/nr_hugepages</c> has none; answers its address.</summary>
    public static void HugeTlb(ref Arguments arguments, Reply reply)
    {
        ulong length = arguments.Pages() * HugePages;
        if (!arguments.Accepted(reply))
        {
            return;
        }

        int errno = Slots.Map(length, ReadWrite, PrivateAnonymous | MAP_HUGETLB | MAP_HUGE_2MB, -1, out ulong address);
        errno = errno != 0 ? errno : Native.Advise(address, length, MADV_POPULATE_WRITE);
        reply.From(errno, address, "hugetlb"u8);
    }

    /// <summary><c>memfd_create(2)</c> - an empty file of that length.</summary>
    public static int CreateMemfd(ulong length, out int file)
    {
        fixed (byte* name = "race\0"u8)
        {
            file = (int)Native.Call(SyscallNumber.MemfdCreate, (ulong)name, MFD_CLOEXEC);
        }

        int errno = Native.From(file);
        if (errno == 0 && (errno = Native.From(LibC.ftruncate(file, (long)length))) != 0)
        {
            _ = Native.Close(file);
        }

        return errno;
    }
}
