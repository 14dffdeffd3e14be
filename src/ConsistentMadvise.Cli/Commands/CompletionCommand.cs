using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise completion</c>: a bash script that completes options and words.</summary>
internal static class CompletionCommand
{
    private const string Script = """
        _cmadvise() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _cmadvise cmadvise
        """;

    public static Command Create(CommandOutput output)
    {
        Command command = new("completion", "Print completions for bash: source <(cmadvise completion).");
        command.SetAction(_ =>
        {
            output.Writer.WriteLine(Script);
            return ExitCode.Done;
        });
        return command;
    }
}
