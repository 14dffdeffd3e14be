namespace ConsistentMadvise;

/// <summary>The kernel's <c>start_boottime</c> in clock ticks, as field 22 of <c>/proc/PID/stat</c> shows it in the initial time namespace (<c>fs/proc/array.c</c>).</summary>
internal static class StartTicks
{
    /// <summary>A tick of USER_HZ, which is 100 on x64 and arm64 (<c>asm-generic/param.h</c>).</summary>
    private const ulong NanosecondsPerTick = 10_000_000;

    public static ulong FromBoottime(ulong nanoseconds) => nanoseconds / NanosecondsPerTick;
}
