using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Something that is done to a planned VMA of two pages between inaccessible neighbours, and whether it locks that VMA for writing.</summary>
/// <param name="Name">The system call, or what happens.</param>
/// <param name="Moves">Whether the VMA's sequence must have moved, or another VMA must be there.</param>
/// <param name="Run">Does it.</param>
internal sealed record VmaOperation(string Name, bool Moves, Action<SequenceTarget, ulong> Run)
{
    // asm/unistd_64.h
    private const int Mmap = 9, Mprotect = 10, Munmap = 11, Mremap = 25, Madvise = 28, Mlock = 149, Munlock = 150;
    private const ulong Page = SequenceTarget.Page, Length = 2 * Page;
    private const ulong ReadOnly = 1, ReadWrite = 3;
    private const ulong PrivateAnonymousFixed = 0x32;
    private const ulong MayMove = 1, DontUnmap = 5;

    public static readonly VmaOperation[] All =
    [
        new("munmap of a part", true, static (t, vma) => t.Call(Munmap, vma, Page)),
        new("munmap and mmap at the same place", true, static (t, vma) => Replace(t, vma)),
        new("mmap over it", true, static (t, vma) => t.Call(Mmap, vma, Length, ReadWrite, PrivateAnonymousFixed, ulong.MaxValue)),
        new("mprotect", true, static (t, vma) => t.Call(Mprotect, vma, Length, ReadOnly)),
        new("mprotect and back", true, static (t, vma) => ProtectAndBack(t, vma)),
        new("mremap elsewhere", true, static (t, vma) => t.Call(Mremap, vma, Length, 2 * Length, MayMove)),
        new("mremap with MREMAP_DONTUNMAP", true, static (t, vma) => t.Call(Mremap, vma, Length, Length, DontUnmap)),
        new("mremap that shrinks", true, static (t, vma) => t.Call(Mremap, vma, Length, Page, MayMove)),
        new("mlock", true, static (t, vma) => t.Call(Mlock, vma, Length)),
        new("mlock and munlock", true, static (t, vma) => LockAndUnlock(t, vma)),
        new("madvise(MADV_RANDOM)", true, static (t, vma) => t.Call(Madvise, vma, Length, 1)),
        new("madvise(MADV_DONTFORK)", true, static (t, vma) => t.Call(Madvise, vma, Length, 10)),
        new("fork", true, static (t, _) => t.Process.Fork()),

        new("nothing", false, static (_, _) => { }),
        new("mprotect to what it is", false, static (t, vma) => t.Call(Mprotect, vma, Length, ReadWrite)),
        new("madvise(MADV_NORMAL)", false, static (t, vma) => t.Call(Madvise, vma, Length, 0)),
        new("page written for the first time", false, static (t, vma) => t.Process.Touch(vma, 2)),
        new("page read for the first time", false, static (t, vma) => t.Process.Read(vma, 2)),
        new("madvise(MADV_DONTNEED)", false, static (t, vma) => t.Process.Advise(vma, 2, 4)),
        new("madvise(MADV_FREE)", false, static (t, vma) => t.Process.Advise(vma, 2, 8)),
        new("process_madvise(MADV_COLD)", false, static (t, vma) => t.AdviseFromOutside(vma, Length, Uapi.MADV_COLD)),
        new("process_madvise(MADV_PAGEOUT)", false, static (t, vma) => t.AdviseFromOutside(vma, Length, Uapi.MADV_PAGEOUT)),
        new("process_madvise(MADV_WILLNEED)", false, static (t, vma) => t.AdviseFromOutside(vma, Length, Uapi.MADV_WILLNEED)),
        new("/proc/PID/smaps read", false, static (t, _) => File.ReadAllText($"/proc/{t.Process.Pid}/smaps")),
        new("/proc/PID/mem written", false, static (t, vma) => t.Poke(vma, "x"u8)),
        new("thread start", false, static (t, _) => t.Process.StartThread()),
    ];

    /// <summary>Maps a VMA of two pages that nothing can merge with.</summary>
    public static ulong MapPlanned(SequenceTarget target)
    {
        const ulong Inaccessible = 0;
        ulong start = target.Map(2 * Length);
        target.Call(Mprotect, start, Page, Inaccessible);
        target.Call(Mprotect, start + Page + Length, Page, Inaccessible);
        return start + Page;
    }

    public override string ToString() => Name;

    private static void Replace(SequenceTarget target, ulong vma)
    {
        target.Call(Munmap, vma, Length);
        target.Call(Mmap, vma, Length, ReadWrite, PrivateAnonymousFixed, ulong.MaxValue);
    }

    private static void ProtectAndBack(SequenceTarget target, ulong vma)
    {
        target.Call(Mprotect, vma, Length, ReadOnly);
        target.Call(Mprotect, vma, Length, ReadWrite);
    }

    private static void LockAndUnlock(SequenceTarget target, ulong vma)
    {
        target.Call(Mlock, vma, Length);
        target.Call(Munlock, vma, Length);
    }
}
