namespace ConsistentMadvise.Fuzz;

/// <summary>A way into the library for bytes that others wrote, and what must hold whatever they are.</summary>
/// <param name="Name">The name on the command line, and of the folder of the corpus.</param>
/// <param name="Check">Throws when something does not hold. Safe for use by several threads.</param>
internal sealed record FuzzTarget(string Name, FuzzTarget.Input Check)
{
    /// <summary>One input: what the fuzzer writes, whole.</summary>
    public delegate void Input(ReadOnlySpan<byte> input);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("maps", MapsFuzz.Check),
        new("btf", BtfFuzz.Check),
        new("filter", FilterFuzz.Check),
        new("token", TokenFuzz.Check),
        new("plan", PlanFuzz.Check),
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    public void Run(Stream input)
    {
        using MemoryStream whole = new();
        input.CopyTo(whole);
        Run(whole.ToArray());
    }

    public void Run(byte[] input) => Check(input);
}
