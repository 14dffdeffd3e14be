using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise plan PID</c>: prints a plan as JSON, to apply later or elsewhere.</summary>
internal static class PlanCommand
{
    public static Command Create(CommandOutput output)
    {
        Argument<int> pid = Options.Pid();
        Selection selection = new();
        selection.AdviceOption.Required = true;
        Command command = new("plan", "Print a plan as JSON, for 'cmadvise apply --plan'.") { pid };
        selection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ProcessTarget target = ProcessTarget.Open(parsed.GetValue(pid));
            LayoutSnapshot layout = await target.CaptureLayoutAsync(cancellationToken).ConfigureAwait(false);
            HintPlan plan = selection.Plan(layout, parsed, output);
            output.Writer.WriteLine(plan.ToJson());
            output.Message($"{plan.Advice} of {Sizes.Show(plan.Bytes)} in {Sizes.Count(plan.Ranges.Count, "range")} of process {target.Pid}, valid until {plan.ExpiresAt:u}.");
            return ExitCode.Done;
        });
        return command;
    }
}
