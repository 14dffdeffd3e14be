using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise watch [PID]</c>: which processes change their layout, how often, and how much of their memory could be hinted.</summary>
internal sealed class WatchCommand
{
    private const int DefaultTop = 20;

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The kernel's counter wraps after 34 minutes at the fastest rate seen; over a longer interval its delta is unknown.</summary>
    private static readonly TimeSpan MaxInterval = TimeSpan.FromMinutes(5);

    private readonly CommandOutput _output;
    private readonly Argument<int> _pid = Options.Pid();
    private readonly Option<TimeSpan?> _interval = Options.Duration("--interval", "The time between two readings, from 50ms to 300s (1s by default).");
    private readonly Option<int?> _count = Options.Count("--count", "Exit with code 0 after this many reports.");
    private readonly Option<int?> _top = Options.Count("--top", $"List at most this many processes, those that change most ({DefaultTop} by default; with --json all). {WatchedMemory.Definition}");
    private readonly Option<bool> _all = new("--all") { Description = "Also list processes whose layout did not change." };

    private WatchCommand(CommandOutput output) => _output = output;

    public static Command Create(CommandOutput output) => new WatchCommand(output).Create();

    private Command Create()
    {
        _pid.Arity = ArgumentArity.ZeroOrOne;
        _pid.Description = "Watch only this process, and exit with code 4 when it has exited.";
        Command command = new("watch", "Show which processes change their layout, how often, and how much of their memory could be hinted.")
        {
            _pid, _interval, _count, _top, _all,
        };
        command.Validators.Add(Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_interval) is { Errors: var errors } && !errors.Any()
            && result.GetValue(_interval) is { } interval && (interval < MinInterval || interval > MaxInterval))
        {
            result.AddError($"--interval: {Durations.Show(interval)} is not between 50ms and 300s.");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool isJson = _output.IsJson;
        _ = LayoutSequences.ReadAll(); // first: if it cannot be read, report that
        using ProcessTarget? target = parsed.GetResult(_pid) is { Tokens.Count: > 0 } ? ProcessTarget.Open(parsed.GetValue(_pid)) : null;
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        EndWithReader(ending);
        int top = parsed.GetValue(_top) ?? (isJson ? int.MaxValue : DefaultTop);
        LayoutWatch watch = new(target, parsed.GetValue(_all), top);
        IAsyncEnumerable<WatchReport> reports = ReadAsync(
            watch, parsed.GetValue(_interval) ?? DefaultInterval, parsed.GetValue(_count) ?? int.MaxValue, ending.Token);
        try
        {
            await (isJson ? WriteJsonAsync(reports) : _output.ShowEachAsync(reports, WatchTable.Title, WatchTable.Lines)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return ExitCode.ReaderGone;
        }

        if (!watch.IsTargetGone)
        {
            return ExitCode.Done;
        }

        string message = string.Create(CultureInfo.InvariantCulture, $"Process {target!.Pid} has exited.");
        return Failure.Report(ExitCode.TargetGone, message, JsonName.Of(TargetError.NotFound), target.Pid, _output);
    }

    /// <summary>Notices at once that the reader has gone: the next write may never come.</summary>
    private void EndWithReader(CancellationTokenSource ending)
    {
        if (_output.AwaitReaderGone is not { } awaitReaderGone)
        {
            return;
        }

        new Thread(() =>
        {
            awaitReaderGone();
            try
            {
                ending.Cancel();
            }
            catch (ObjectDisposedException)
            {
                return; // it ended by itself
            }
        })
        { IsBackground = true }.Start();
    }

    private static async IAsyncEnumerable<WatchReport> ReadAsync(
        LayoutWatch watch, TimeSpan interval, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(interval);
        for (int reports = 0; reports < count; reports++)
        {
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            if (watch.Read() is not { } report)
            {
                yield break;
            }

            yield return report;
        }
    }

    private async Task WriteJsonAsync(IAsyncEnumerable<WatchReport> reports)
    {
        await foreach (WatchReport report in reports.ConfigureAwait(false))
        {
            foreach (WatchRow row in report.Rows)
            {
                _output.Json(WatchDocument.Of(report, row), JsonContext.Default.WatchDocument);
            }
        }
    }
}
