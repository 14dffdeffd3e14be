namespace ConsistentMadvise.RaceTarget;

/// <summary>A system call of a script: its number and six arguments, as <see cref="X64Code"/> reads them.</summary>
internal readonly struct ScriptCall(long number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0)
{
    /// <summary>Ends a script.</summary>
    public static readonly ScriptCall End = new(-1);

    /// <summary>The number of the call; afterwards, its result.</summary>
    public readonly long Number = number;

    private readonly ulong _a = a;
    private readonly ulong _b = b;
    private readonly ulong _c = c;
    private readonly ulong _d = d;
    private readonly ulong _e = e;
    private readonly ulong _f = f;
}
