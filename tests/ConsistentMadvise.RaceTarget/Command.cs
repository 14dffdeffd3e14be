namespace ConsistentMadvise.RaceTarget;

/// <summary>One command of the target: its name and what it does.</summary>
internal readonly record struct Command(byte[] Name, CommandHandler Handler)
{
    public static Command Of(ReadOnlySpan<byte> name, CommandHandler handler) => new(name.ToArray(), handler);
}
