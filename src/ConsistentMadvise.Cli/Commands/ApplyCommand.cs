using System.CommandLine;
using System.CommandLine.Parsing;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise apply</c>: one transaction, from a plan made now or before.</summary>
internal sealed class ApplyCommand
{
    private readonly CommandOutput _output;
    private readonly Argument<int> _pid = Options.Pid();
    private readonly Selection _selection = new();
    private readonly TransactionOptions _how = new();
    private readonly Option<LayoutToken> _token = Options.Token("Advise only if the layout still is the one that this token stands for.");
    private readonly Option<string> _plan = new("--plan") { Description = "Apply this plan, as 'cmadvise plan' printed it; - is stdin.", HelpName = "FILE" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print what would be done, and touch nothing." };

    private ApplyCommand(CommandOutput output) => _output = output;

    public static Command Create(CommandOutput output) => new ApplyCommand(output).Create();

    private Command Create()
    {
        _pid.Arity = ArgumentArity.ZeroOrOne;
        Command command = new("apply", "Hint a process, if its layout is the one that was planned for.") { _pid, _plan };
        _selection.AddTo(command);
        command.Options.Add(_token);
        _how.AddTo(command);
        command.Options.Add(_dryRun);
        command.Validators.Add(Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private void Validate(CommandResult result)
    {
        bool hasPid = result.GetResult(_pid) is { Tokens.Count: > 0 };
        if (result.GetResult(_plan) is not null)
        {
            string? other = _selection.FirstGiven(result) ?? (result.GetResult(_token) is null ? null : _token.Name);
            if (other is not null)
            {
                result.AddError($"A plan has its own advice, ranges and token; leave out {other} or --plan.");
            }
        }
        else if (!hasPid)
        {
            result.AddError("Name the target: apply PID --advice ADVICE, or apply --plan FILE.");
        }
        else if (result.GetResult(_selection.AdviceOption) is null)
        {
            result.AddError("Option '--advice' is required without --plan.");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        HintOptions options = _how.Read(parsed);
        string? file = parsed.GetValue(_plan);
        HintPlan? plan = file is null ? null : await PlanFile.ReadAsync(file, cancellationToken).ConfigureAwait(false);
        int pid = parsed.GetResult(_pid) is { Tokens.Count: > 0 } ? parsed.GetValue(_pid) : plan!.Token.Process.Pid;
        LayoutToken token = parsed.GetValue(_token);
        UsageException.ThrowIfOtherProcess("plan", plan?.Token ?? default, pid);
        UsageException.ThrowIfOtherProcess("token", token, pid);
        using ProcessTarget target = ProcessTarget.Open(pid);
        plan ??= _selection.Plan(await target.CaptureLayoutAsync(cancellationToken).ConfigureAwait(false), parsed, _output);
        bool isJson = parsed.GetValue(_output.JsonOption);
        if (parsed.GetValue(_dryRun))
        {
            ApplyReport.ShowDryRun(plan, options, isJson, _output);
            return ExitCode.Done;
        }

        HintOutcome outcome = token.IsDefault
            ? target.Apply(plan, options, cancellationToken)
            : target.Advise(plan.Ranges, plan.Advice, token, options, cancellationToken);
        ApplyReport.Show(plan, outcome, options, isJson, _output);
        return ExitCode.Of(outcome);
    }
}
