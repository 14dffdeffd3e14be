namespace ConsistentMadvise.Tests;

/// <summary>Which room may use which: data flows downwards, and an arrow upwards is a mistake.</summary>
internal static class RoomOrder
{
    /// <summary>From the ground up: each room may use those before it.</summary>
    private static readonly string[] InOrder =
    [
        "Targets",
        "Sequencing/Btf", "Sequencing/Bpf", "Sequencing/Programs", "Sequencing", "Sequencing/Machine",
        "Layout/Text", "Layout",
        "Planning",
        "Outcomes",
        "Freezing/Contract", "Freezing/Threads", "Freezing/Cgroups", "Freezing/Recovery", "Freezing/Harm", "Freezing/Ptrace", "Freezing/Journaled", "Freezing/Choice", "Freezing/Sharers",
        "Transactions/Options", "Transactions/Effects", "Transactions/Rechecks", "Transactions/Calls", "Transactions/Windows", "Transactions/Helper", "Transactions", "Transactions/Serving",
        "Capabilities",
        "Engine",
    ];

    /// <summary>All may use them, and they use none.</summary>
    private static readonly string[] Ground = ["Interop", "Telemetry"];

    public static IReadOnlyList<string> Rooms => InOrder;

    public static bool Knows(string room) => Ground.Contains(room) || InOrder.Contains(room);

    public static bool MayUse(string room, string other) =>
        room == other || Ground.Contains(other) || (!Ground.Contains(room) && Array.IndexOf(InOrder, other) < Array.IndexOf(InOrder, room));

    /// <summary>Every mention of a type by a file of a room that may not use it.</summary>
    public static IEnumerable<string> FindMistakes(IReadOnlyList<SourceFile> files)
    {
        (string Name, string Room)[] types = Types(files);
        return from file in files
               from type in types
               where !MayUse(file.Room, type.Room) && file.Mentions(type.Name)
               select $"{file.Path} uses {type.Name} of {type.Room}";
    }

    /// <summary>Which room uses which, without those that all may use.</summary>
    public static IReadOnlySet<(string From, string To)> FindArrows(IReadOnlyList<SourceFile> files)
    {
        (string Name, string Room)[] types = Types(files);
        return (from file in files
                from type in types
                where file.Room != type.Room && !Ground.Contains(type.Room) && file.Mentions(type.Name)
                select (file.Room, type.Room)).ToHashSet();
    }

    private static (string Name, string Room)[] Types(IReadOnlyList<SourceFile> files) =>
        [.. files.SelectMany(static file => file.Declared().Select(name => (name, file.Room))).Distinct()];
}
