using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise doctor</c>: what this user can do on this machine.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandOutput output)
    {
        Option<bool> isShort = new("--short") { Description = "List only what is missing." };
        Command command = new("doctor", "Probe this machine, and report what each missing feature costs.") { isShort };
        command.SetAction(parsed =>
        {
            Capabilities capabilities = Capabilities.Probe();
            if (output.IsJson)
            {
                output.Json(DoctorDocument.Of(capabilities), JsonContext.Default.DoctorDocument);
            }
            else
            {
                Show(capabilities, parsed.GetValue(isShort), output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(Capabilities capabilities, bool isShort, CommandOutput output)
    {
        Feature[] absent = [.. capabilities.Features.Where(static feature => !feature.IsAvailable)];
        int width = capabilities.Features.Max(static feature => feature.Name.Length);
        output.Line($"Linux {capabilities.KernelRelease}");
        output.Marked(DoctorReport.Lines(isShort ? absent : capabilities.Features, width));
        output.Line(absent.Length == 0
            ? "All features are available."
            : $"{capabilities.Features.Count - absent.Length} of {capabilities.Features.Count} are available (+). {DoctorReport.Legend}");
    }
}
