using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compiles the code that a guard runs between the pause limit and the thaw.</summary>
internal static class GuardWarmup
{
    public static void Run()
    {
        CompiledAhead.Prepare(typeof(BorrowedRights));
        CompiledAhead.Prepare(typeof(CgroupV2));
        CompiledAhead.Prepare(typeof(FoundFreeze));
        CompiledAhead.Prepare(typeof(FoundGroup));
        CompiledAhead.Prepare(typeof(FoundProcess));
        CompiledAhead.Prepare(typeof(GuardProgram));
        CompiledAhead.Prepare(typeof(JournalDirectory));
        CompiledAhead.Prepare(typeof(JournalEntry));
        CompiledAhead.Prepare(typeof(JournalEntryHead));
        CompiledAhead.Prepare(typeof(Kernel));
        CompiledAhead.Prepare(typeof(WatchPage));
        CompiledAhead.Prepare(typeof(WatchSlot));
    }
}
