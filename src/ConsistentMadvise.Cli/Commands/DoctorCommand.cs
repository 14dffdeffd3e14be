using System.CommandLine;
using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise doctor</c>: what this machine lets this user do.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandOutput output)
    {
        Command command = new("doctor", "Probe this machine, and tell what each missing thing costs.");
        command.SetAction(parsed =>
        {
            Capabilities capabilities = Capabilities.Probe();
            if (parsed.GetValue(output.JsonOption))
            {
                output.Json(DoctorDocument.Of(capabilities), JsonContext.Default.DoctorDocument);
            }
            else
            {
                Show(capabilities, output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(Capabilities capabilities, CommandOutput output)
    {
        Table table = CommandOutput.NewTable("Feature", "State", "Linux", "Found", "Without it");
        table.Columns[3].NoWrap = false;
        table.Columns[4].NoWrap = false;
        foreach (Feature feature in capabilities.Features)
        {
            table.AddRow(
                CommandOutput.Cell(feature.Name),
                CommandOutput.Cell(Name(feature.State), feature.IsAvailable ? Color.Green : Color.Yellow),
                CommandOutput.Cell(feature.Since),
                CommandOutput.Cell(feature.Detail),
                CommandOutput.Cell(feature.WithoutIt));
        }

        output.Line($"Linux {capabilities.KernelRelease}");
        output.Table(table);
    }

    private static string Name(FeatureState state) => state == FeatureState.NotPermitted ? "not permitted" : JsonName.Of(state);
}
