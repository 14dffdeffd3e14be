using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Something that is done to or by a target, and whether it locks the address space for writing.</summary>
/// <param name="Name">The system call, or what happens.</param>
/// <param name="Moves">Whether the sequence must have moved after it.</param>
/// <param name="Prepare">Makes ready, and returns what is done between the two readings.</param>
internal sealed record SequenceOperation(string Name, bool Moves, Func<SequenceTarget, Action> Prepare)
{
    // asm/unistd_64.h
    private const int Mmap = 9, Mprotect = 10, Munmap = 11, Brk = 12, Mremap = 25, Madvise = 28, Mlock = 149, Munlock = 150, Prctl = 157;
    private const int Getrandom = 318, Userfaultfd = 323, Ioctl = 16;

    private const ulong Page = SequenceTarget.Page;
    public const ulong HugePage = 2 << 20;
    private const ulong GrowsDown = 0x100;

    public static readonly SequenceOperation[] All =
    [
        new("mmap", true, static t => () => t.Map(Page)),
        new("munmap", true, static t => () => t.Call(Munmap, t.Memory, Page)),
        new("munmap of nothing", true, static t => () => t.Call(Munmap, 0x10000, Page)),
        new("mprotect", true, static t => () => t.Call(Mprotect, t.Memory, Page, 1)),
        new("mprotect to what it is", true, static t => () => t.Call(Mprotect, t.Memory, Page, 3)),
        new("mremap that grows", true, static t => () => t.Call(Mremap, t.Memory, SequenceTarget.Pages * Page, 2 * SequenceTarget.Pages * Page, 1)),
        new("mremap that shrinks", true, static t => () => t.Call(Mremap, t.Memory, SequenceTarget.Pages * Page, Page, 1)),
        new("brk(0)", true, static t => () => t.Call(Brk, 0)),
        new("brk that grows", true, static t => () => t.Process.Break(1)),
        new("mlock", true, static t => () => t.Call(Mlock, t.Memory, Page)),
        new("munlock", true, static t => () => t.Call(Munlock, t.Memory, Page)),
        new("madvise(MADV_RANDOM)", true, static t => () => t.Call(Madvise, t.Memory, Page, 1)),
        new("madvise(MADV_DONTFORK)", true, static t => () => t.Call(Madvise, t.Memory, Page, 10)),
        new("prctl(PR_SET_THP_DISABLE)", true, static t => () => t.Call(Prctl, 41, 1)),
        new("userfaultfd register", true, PrepareUserfault),
        new("stack growth", true, PrepareGrowth),
        new("fork", true, static t => () => t.Process.Fork()),
        new("thread start", true, static t => () => t.Process.StartThread()),
        new("process_madvise(MADV_COLLAPSE)", true, PrepareCollapse),

        new("page written for the first time", false, static t => After(t.Map(Page), address => t.Process.Touch(address, 1))),
        new("page read for the first time", false, static t => After(t.Map(Page), address => t.Process.Read(address, 1))),
        new("page written again", false, static t => () => t.Process.Touch(t.Memory, SequenceTarget.Pages)),
        new("madvise(MADV_DONTNEED)", false, static t => () => t.Process.Advise(t.Memory, 1, 4)),
        new("madvise(MADV_FREE)", false, static t => () => t.Process.Advise(t.Memory, 1, 8)),
        new("madvise(MADV_WILLNEED)", false, static t => () => t.Process.Advise(t.Memory, 1, Uapi.MADV_WILLNEED)),
        new("madvise(MADV_COLD)", false, static t => () => t.Process.Advise(t.Memory, 1, Uapi.MADV_COLD)),
        new("madvise(MADV_PAGEOUT)", false, static t => () => t.Process.Advise(t.Memory, 1, Uapi.MADV_PAGEOUT)),
        new("process_madvise(MADV_WILLNEED)", false, static t => () => t.AdviseFromOutside(t.Memory, Page, Uapi.MADV_WILLNEED)),
        new("process_madvise(MADV_COLD)", false, static t => () => t.AdviseFromOutside(t.Memory, Page, Uapi.MADV_COLD)),
        new("process_madvise(MADV_PAGEOUT)", false, static t => () => t.AdviseFromOutside(t.Memory, Page, Uapi.MADV_PAGEOUT)),
        new("/proc/PID/maps read", false, static t => () => MapsEntry.ReadText(t.Process.Pid)),
        new("/proc/PID/smaps read", false, static t => () => File.ReadAllText($"/proc/{t.Process.Pid}/smaps")),
        new("/proc/PID/mem written", false, static t => () => t.Poke(t.Memory, "x"u8)),
        new("vfork", false, static t => () => Vfork(t)),
        new("SIGSTOP and SIGCONT", false, static t => () => StopAndContinue(t.Process)),
    ];

    public override string ToString() => Name;

    private static Action After(ulong address, Action<ulong> deed) => () => deed(address);

    private static Action PrepareGrowth(SequenceTarget target)
    {
        // The lowest page of a region that grows downwards, with free address space below it.
        const ulong Room = 4 << 20;
        ulong stack = target.Map(Room, GrowsDown);
        target.Call(Munmap, stack, Room - Page);
        return () => target.Call(Getrandom, stack + Room - Page - 8, 8, 0);
    }

    private static Action PrepareUserfault(SequenceTarget target)
    {
        // linux/userfaultfd.h: struct uffdio_api { api, features, ioctls }, struct uffdio_register { start, len, mode, ioctls }
        const ulong UFFDIO_API = 0xc018aa3f, UFFDIO_REGISTER = 0xc020aa00;
        const ulong UFFD_API = 0xaa, UFFDIO_REGISTER_MODE_MISSING = 1;
        ulong region = target.Map(Page);
        ulong descriptor = target.Call(Userfaultfd, 0);
        target.Poke(target.Memory, MemoryMarshal.AsBytes<ulong>([UFFD_API, 0, 0]));
        target.Call(Ioctl, descriptor, UFFDIO_API, target.Memory);
        target.Poke(target.Memory, MemoryMarshal.AsBytes<ulong>([region, Page, UFFDIO_REGISTER_MODE_MISSING, 0]));
        return () => target.Call(Ioctl, descriptor, UFFDIO_REGISTER, target.Memory);
    }

    /// <summary>Maps what could be one huge page, and is small ones; returns where.</summary>
    public static ulong MapSmallPages(SequenceTarget target)
    {
        // Touched while it is too short for a huge page, then as long as one. With MADV_HUGEPAGE khugepaged might be faster.
        const ulong PrivateAnonymousFixed = 0x32;
        ulong start = (target.Map(2 * HugePage) + HugePage - 1) & ~(HugePage - 1);
        target.Call(Munmap, start + Page, HugePage - Page);
        target.Process.Touch(start, 1);
        target.Call(Mmap, start + Page, HugePage - Page, 3, PrivateAnonymousFixed, ulong.MaxValue);
        return start;
    }

    private static Action PrepareCollapse(SequenceTarget target)
    {
        ulong start = MapSmallPages(target);
        return () => Collapse(target, start);
    }

    // The child does what its parent did: it reports its result and waits for requests, of which it takes the next. Then the parent goes on.
    private static void Vfork(SequenceTarget target)
    {
        const int VforkCall = 58, Exit = 60;
        Assert.Equal(0ul, target.Call(VforkCall));
        Assert.NotEqual(0ul, target.Call(Exit, 0)); // the parent's result: its child
    }

    // EAGAIN and EBUSY: just now a page could not be isolated, as while it waits in another processor's list of new pages. ENOMEM: no huge page was free.
    private static void Collapse(SequenceTarget target, ulong start)
    {
        Errno errno = default;
        Eventually.Holds(
            () => (errno = target.TryAdviseFromOutside(start, HugePage, Uapi.MADV_COLLAPSE)) != Errno.EAGAIN && errno != Errno.EBUSY && errno != Errno.ENOMEM,
            "the huge page is made");
        Assert.Equal(Errno.None, errno);
    }

    private static void StopAndContinue(RaceTargetProcess process)
    {
        process.Signal(Uapi.SIGSTOP);
        process.WaitUntilStopped();
        process.Signal(Uapi.SIGCONT);
        process.Send("ping");
    }
}
