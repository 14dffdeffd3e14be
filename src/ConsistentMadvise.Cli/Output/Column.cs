namespace ConsistentMadvise.Cli;

/// <summary>A column of a list for people.</summary>
/// <param name="Title">Its heading; a name that begins with <c>&gt;</c> is aligned to the right.</param>
/// <param name="Cell">The text of a row. Only the last column may contain non-ASCII text.</param>
internal readonly record struct Column<T>(string Title, Func<T, string> Cell)
{
    public string Heading => Title.TrimStart('>');

    public bool IsRight => Title.StartsWith('>');
}
