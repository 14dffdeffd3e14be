using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary>Where a command writes: results to stdout, as one JSON object per line or as text, and messages to stderr.</summary>
internal sealed class CommandOutput(TextWriter writer, TextWriter errorWriter, bool isTerminal)
{
    public TextWriter Writer => writer;

    public TextWriter ErrorWriter => errorWriter;

    /// <summary>Gets or sets whether the command line asks for JSON.</summary>
    public bool IsJson { get; set; }

    /// <summary>Gets a wait that ends once stdout has no reader; null if that cannot be detected.</summary>
    public Action? AwaitReaderGone { get; init; }

    /// <summary>The <c>--json</c> option of every command.</summary>
    public Option<bool> JsonOption { get; } = new("--json")
    {
        Description = "Write only JSON to stdout, one object per line.",
        Recursive = true,
    };

    /// <summary>Writes a line of JSON.</summary>
    public void Json<T>(T document, JsonTypeInfo<T> type)
    {
        writer.WriteLine(JsonSerializer.Serialize(document, type));
        writer.Flush();
    }

    /// <summary>Writes a line of text.</summary>
    public void Line(string text)
    {
        writer.WriteLine(SafeText.Escape(text));
        writer.Flush();
    }

    /// <summary>Writes a list: each row one line, however wide.</summary>
    public void Rows<T>(IReadOnlyCollection<T> rows, params Column<T>[] columns)
    {
        foreach (string line in TextTable.Lines(rows, columns))
        {
            writer.WriteLine(line);
        }

        writer.Flush();
    }

    /// <summary>Writes lines whose first character is a mark, coloured on a terminal.</summary>
    public void Marked(IEnumerable<(Color? Color, string Text)> lines)
    {
        IAnsiConsole console = CreateConsole();
        foreach ((Color? color, string text) in lines)
        {
            string safe = SafeText.Escape(text);
            if (isTerminal && color is { } shown)
            {
                console.Write(new Text(safe[..1], new Style(shown)));
                safe = safe[1..];
            }

            writer.WriteLine(safe);
        }

        writer.Flush();
    }

    /// <summary>Shows one list after another, each under its title: in place on a terminal, one below the other in a pipe.</summary>
    public async Task ShowEachAsync<T>(IAsyncEnumerable<T> items, Func<T, string> title, Func<T, IEnumerable<string>> lines)
    {
        IAnsiConsole console = CreateConsole();
        if (isTerminal && console.Profile.Capabilities.Ansi)
        {
            await console.Live(Text.Empty).StartAsync(async live =>
            {
                await foreach (T item in items.ConfigureAwait(false))
                {
                    live.UpdateTarget(new Rows(lines(item).Prepend(SafeText.Escape(title(item))).Select(static line => new Text(line) { Overflow = Overflow.Crop })));
                    writer.Flush();
                }
            }).ConfigureAwait(false);
            return;
        }

        await foreach (T item in items.ConfigureAwait(false))
        {
            writer.WriteLine(SafeText.Escape(title(item)));
            foreach (string line in lines(item))
            {
                writer.WriteLine(line);
            }

            writer.Flush();
        }
    }

    /// <summary>Writes a message to stderr.</summary>
    /// <remarks>A message that cannot be written is lost; the exit code remains.</remarks>
    public void Message(string message)
    {
        try
        {
            errorWriter.WriteLine(SafeText.EscapeLines(message));
            errorWriter.Flush();
        }
        catch (OutputException)
        {
            return;
        }
    }

    /// <summary>Reports what was done, which stays done even if the report is lost.</summary>
    /// <param name="code">The exit code that says what was done.</param>
    /// <param name="summary">The result in a sentence.</param>
    /// <param name="report">Writes the report.</param>
    /// <returns>The code; 1 if it is 0 and writing the report failed. A reader that has gone is no failure.</returns>
    public int Conclude(int code, string summary, Action report)
    {
        try
        {
            report();
            Flush();
            return code;
        }
        catch (OutputException lost)
        {
            if (lost.IsReaderGone)
            {
                return code;
            }

            Message($"{summary} {lost.Message}");
            return code == ExitCode.Done ? ExitCode.Unexpected : code;
        }
    }

    public void Flush() => writer.Flush();

    private static bool HasNoColor => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = HasNoColor ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = HasNoColor ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        Interactive = InteractionSupport.No,
        Out = new AnsiConsoleOutput(writer),
    });
}
