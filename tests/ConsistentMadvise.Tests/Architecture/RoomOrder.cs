namespace ConsistentMadvise.Tests;

/// <summary>Which room may use which: data flows downwards, and an arrow upwards is a mistake.</summary>
internal static class RoomOrder
{
    /// <summary>From the ground up: each room may use those before it.</summary>
    private static readonly string[] s_rooms = ["Targets", "Sequencing", "Layout", "Planning", "Freezing", "Transactions", "Engine"];

    /// <summary>All may use them, and they use none.</summary>
    private static readonly string[] s_ground = ["Interop", "Telemetry"];

    public static bool Knows(string room) => s_ground.Contains(room) || s_rooms.Contains(room);

    public static bool MayUse(string room, string other) =>
        room == other || s_ground.Contains(other) || (!s_ground.Contains(room) && Array.IndexOf(s_rooms, other) < Array.IndexOf(s_rooms, room));

    /// <summary>Every mention of a type by a file of a room that may not use it.</summary>
    public static IEnumerable<string> FindMistakes(IReadOnlyList<SourceFile> files)
    {
        (string Name, string Room)[] types = [.. files.SelectMany(static file => file.Declared().Select(name => (name, file.Room))).Distinct()];
        return from file in files
               from type in types
               where !MayUse(file.Room, type.Room) && file.Mentions(type.Name)
               select $"{file.Path} uses {type.Name} of {type.Room}";
    }
}
