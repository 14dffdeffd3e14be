using System.Text;

namespace ConsistentMadvise.Tests;

/// <summary>Draws the rooms and their arrows as the sources have them.</summary>
internal static class RoomDiagram
{
    public const string Begin = "<!-- rooms: written by ArchitectureTests -->\n";
    public const string End = "<!-- rooms: end -->\n";

    /// <summary>Puts the drawing into a page, between the two marks.</summary>
    public static string Update(string page, IReadOnlyList<SourceFile> files)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        return $"{page[..begin]}{Draw(RoomOrder.FindArrows(files))}{page[end..]}";
    }

    /// <summary>Mermaid. An arrow that follows from two others is left out.</summary>
    public static string Draw(IReadOnlySet<(string From, string To)> all)
    {
        HashSet<(string From, string To)> arrows = [.. all.Where(static arrow => RoomOrder.MayUse(arrow.From, arrow.To))]; // an arrow upwards is another test's matter
        StringBuilder text = new("```mermaid\nflowchart BT\n");
        foreach (IGrouping<string, string> house in RoomOrder.Rooms.GroupBy(static room => room.Split('/')[0]))
        {
            string[] rooms = [.. house];
            text.Append(rooms.Length == 1 ? $"  {Node(rooms[0])}\n" : $"  subgraph {house.Key}_ [{house.Key}]\n{string.Concat(rooms.Select(static room => $"    {Node(room)}\n"))}  end\n");
        }

        foreach ((string from, string to) in arrows.Where(arrow => !arrows.Any(other => other.From == arrow.From && other.To != arrow.To && IsReached(other.To, arrow.To, arrows))).Order())
        {
            text.Append($"  {Id(from)} --> {Id(to)}\n");
        }

        return text.Append("```\n").ToString();
    }

    private static bool IsReached(string from, string to, IReadOnlySet<(string From, string To)> arrows) =>
        from == to || arrows.Any(arrow => arrow.From == from && IsReached(arrow.To, to, arrows));

    private static string Node(string room) => $"{Id(room)}[{room[(room.IndexOf('/', StringComparison.Ordinal) + 1)..]}]";

    private static string Id(string room) => room.Replace('/', '_');
}
