using System.CommandLine;
using System.CommandLine.Parsing;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise apply</c>: one transaction, with a new plan or a given one.</summary>
internal sealed class ApplyCommand
{
    private readonly CommandOutput _output;
    private readonly Argument<int> _pid = Options.Pid();
    private readonly Selection _selection = new();
    private readonly TransactionOptions _how = new();
    private readonly Option<LayoutToken> _token = Options.Token("Hint only if the layout still matches this token.");
    private readonly Option<string> _plan = new("--plan") { Description = "Apply this plan, as 'cmadvise plan' printed it: a file, a pipe, or - for stdin; up to 256 MiB.", HelpName = "FILE" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print what would be done, without doing it." };

    private ApplyCommand(CommandOutput output) => _output = output;

    public static Command Create(CommandOutput output) => new ApplyCommand(output).Create();

    private Command Create()
    {
        _pid.Arity = ArgumentArity.ZeroOrOne;
        Command command = new("apply", "Hint a process if its layout is still the planned one.") { _pid, _plan };
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
                result.AddError($"A plan includes advice, ranges and token; leave out {other} or --plan.");
            }
        }
        else if (!hasPid)
        {
            result.AddError("The target is missing; write apply PID --advice ADVICE, or apply --plan FILE.");
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
        if (parsed.GetValue(_dryRun))
        {
            ApplyReport.ShowDryRun(plan, options, _output);
            return ExitCode.Done;
        }

        HintOutcome outcome = token.IsDefault
            ? target.Apply(plan, options, cancellationToken)
            : target.Advise(plan.Ranges, plan.Advice, token, options, cancellationToken);
        return _output.Conclude(ExitCode.Of(outcome), ApplyReport.Summary(plan, outcome), () => ApplyReport.Show(plan, outcome, options, _output));
    }
}
