using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary>Where a command writes: results to stdout, as a JSON object a line or for people, and messages to stderr.</summary>
internal sealed class CommandOutput(TextWriter writer, TextWriter errorWriter, bool isTerminal)
{
    public TextWriter Writer => writer;

    public TextWriter ErrorWriter => errorWriter;

    /// <summary>The option of every command that asks for JSON.</summary>
    public Option<bool> JsonOption { get; } = new("--json")
    {
        Description = "Write JSON, one object a line, to stdout and nothing else there.",
        Recursive = true,
    };

    /// <summary>Writes a line of JSON.</summary>
    public void Json<T>(T document, JsonTypeInfo<T> type)
    {
        writer.WriteLine(JsonSerializer.Serialize(document, type));
        writer.Flush();
    }

    /// <summary>Writes a line for people.</summary>
    public void Line(string text)
    {
        writer.WriteLine(SafeText.Escape(text));
        writer.Flush();
    }

    /// <summary>Makes an empty table; columns whose name begins with <c>&gt;</c> are aligned to the right.</summary>
    public static Table NewTable(params string[] columns)
    {
        Table table = new() { Border = TableBorder.None };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column.TrimStart('>')))
            {
                Alignment = column.StartsWith('>') ? Justify.Right : Justify.Left,
                NoWrap = true,
            });
        }

        return table;
    }

    /// <summary>A cell that shows any text as it is, but for what would move the cursor.</summary>
    public static Text Cell(string text, Color? color = null) =>
        color is null ? new Text(SafeText.Escape(text)) : new Text(SafeText.Escape(text), new Style(color));

    /// <summary>Writes a list of many rows: each one line, however wide, without the spaces that fill up the last column.</summary>
    public void Rows(Table table)
    {
        using StringWriter text = new();
        IAnsiConsole console = CreateConsole(text, isPlain: true);
        console.Profile.Width = int.MaxValue / 2;
        console.Write(table);
        foreach (ReadOnlySpan<char> line in text.ToString().AsSpan().TrimEnd('\n').EnumerateLines())
        {
            writer.WriteLine(line.TrimEnd(' '));
        }

        writer.Flush();
    }

    /// <summary>Writes a table that is wrapped to the width of the terminal; rows to a pipe.</summary>
    public void Table(Table table)
    {
        if (isTerminal)
        {
            CreateConsole(writer, isPlain: HasNoColor).Write(table);
            writer.Flush();
        }
        else
        {
            Rows(table);
        }
    }

    /// <summary>Shows one table after another, each under its title: in place on a terminal, one below the other in a pipe.</summary>
    public async Task ShowEachAsync<T>(IAsyncEnumerable<T> items, Func<T, string> title, Func<T, Table> create)
    {
        IAnsiConsole console = CreateConsole(writer, isPlain: HasNoColor);
        if (isTerminal && console.Profile.Capabilities.Ansi)
        {
            await console.Live(Text.Empty).StartAsync(async live =>
            {
                await foreach (T item in items.ConfigureAwait(false))
                {
                    live.UpdateTarget(new Rows(Cell(title(item)), create(item)));
                    writer.Flush();
                }
            }).ConfigureAwait(false);
            return;
        }

        await foreach (T item in items.ConfigureAwait(false))
        {
            Line(title(item));
            Rows(create(item));
        }
    }

    /// <summary>Writes a message to stderr.</summary>
    public void Message(string message)
    {
        writer.Flush();
        errorWriter.WriteLine(SafeText.EscapeLines(message));
    }

    public void Flush() => writer.Flush();

    private static bool HasNoColor => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private static IAnsiConsole CreateConsole(TextWriter destination, bool isPlain) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        Interactive = InteractionSupport.No,
        Out = new AnsiConsoleOutput(destination),
    });
}
