using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary>The transaction options of <c>apply</c>.</summary>
internal sealed class TransactionOptions
{
    private readonly Option<LayoutMatch> _match = Options.Word(
        "--match", "How much of the layout must be unchanged", ("layout", LayoutMatch.Layout), ("ranges", LayoutMatch.Ranges), ("sequence", LayoutMatch.Sequence));

    private readonly Option<HintConsistency> _consistency = Options.Word(
        "--consistency", "How layout changes during the hint are handled",
        ("frozen", HintConsistency.Frozen), ("optimistic", HintConsistency.Optimistic), ("unchecked", HintConsistency.Unchecked));

    private readonly Option<bool> _freezeAfterRace = new("--freeze-after-race")
    {
        Description = "With --consistency optimistic: after a race, apply the plan once more under a freeze, if it still matches.",
    };

    private readonly Option<FreezerKind> _freezer = Options.Word(
        "--freezer", "How the target is frozen",
        ("auto", FreezerKind.Auto), ("ptrace", FreezerKind.Ptrace), ("cgroup", FreezerKind.Cgroup), ("signal", FreezerKind.Signal));

    private readonly Option<string> _cgroup = new("--cgroup")
    {
        Description = "The cgroup v2 directory to freeze with all its processes, for a target that shares one.",
        HelpName = "DIR",
    };

    private readonly Option<SharerPolicy> _sharers = Options.Word(
        "--sharers", "How processes that share its memory (CLONE_VM, vfork) are treated",
        ("refuse", SharerPolicy.Refuse), ("freeze", SharerPolicy.Freeze), ("ignore", SharerPolicy.Ignore));

    private readonly Option<TimeSpan?> _maxPause = Options.Duration(
        "--max-pause", $"How long the target may be frozen at a time: {Durations.Form} ({Durations.Show(HintOptions.Default.MaxPause)} by default)");

    private readonly Option<TimeSpan?> _rest = Options.Duration(
        "--rest", $"How long it runs between two pauses; none for no rest ({Durations.Show(HintOptions.Default.RestBetweenWindows)} by default)");

    private readonly Option<bool> _unguarded = new("--allow-unguarded-freeze")
    {
        Description = "Allow a freezer that outlives this command even if no guard process is available; 'cmadvise recover' thaws what it leaves.",
    };

    private readonly Option<bool> _noEffect = new("--no-effect")
    {
        Description = "Do not measure resident memory before and after: each takes some 30 ms per resident GiB, while the target runs.",
    };

    private readonly Option<TimeSpan?> _freezeTimeout = Options.Duration(
        "--freeze-timeout", $"How long its threads may take to stop (by default 5 times --max-pause, up to 100 ms)");

    private readonly Option<TimeSpan?> _pauseLimit = Options.Duration(
        "--pause-limit", "After how long a guard thaws it, whatever happens to this command; not available with --freezer ptrace (by default 5 times --max-pause, or the sum of it and --freeze-timeout if that is more)");

    public void AddTo(Command command)
    {
        command.Options.Add(_match);
        command.Options.Add(_consistency);
        command.Options.Add(_freezeAfterRace);
        command.Options.Add(_freezer);
        command.Options.Add(_cgroup);
        command.Options.Add(_sharers);
        command.Options.Add(_maxPause);
        command.Options.Add(_rest);
        command.Options.Add(_freezeTimeout);
        command.Options.Add(_pauseLimit);
        command.Options.Add(_unguarded);
        command.Options.Add(_noEffect);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_cgroup) is not null && result.GetValue(_freezer) is FreezerKind.Ptrace or FreezerKind.Signal)
            {
                result.AddError("--cgroup needs --freezer cgroup, or auto.");
            }

            if (result.GetResult(_freezeAfterRace) is { Implicit: false } && result.GetValue(_consistency) != HintConsistency.Optimistic)
            {
                result.AddError("--freeze-after-race needs --consistency optimistic.");
            }
        });
    }

    public HintOptions Read(ParseResult parsed)
    {
        HintOptions options = ReadWithoutTimeout(parsed);
        options = parsed.GetValue(_freezeTimeout) is { } timeout ? options with { FreezeTimeout = timeout } : options;
        return parsed.GetValue(_pauseLimit) is { } limit ? options with { PauseLimit = limit } : options;
    }

    private HintOptions ReadWithoutTimeout(ParseResult parsed) => new()
    {
        Match = parsed.GetValue(_match),
        Consistency = parsed.GetValue(_consistency),
        FreezeAfterRace = parsed.GetValue(_freezeAfterRace),
        Freezer = parsed.GetValue(_freezer),
        Cgroup = parsed.GetValue(_cgroup),
        Sharers = parsed.GetValue(_sharers),
        MaxPause = parsed.GetValue(_maxPause) ?? HintOptions.Default.MaxPause,
        RestBetweenWindows = parsed.GetValue(_rest) switch
        {
            null => HintOptions.Default.RestBetweenWindows,
            { } rest when rest == Timeout.InfiniteTimeSpan => TimeSpan.Zero,
            { } rest => rest,
        },
        AllowUnguardedFreeze = parsed.GetValue(_unguarded),
        MeasureEffect = !parsed.GetValue(_noEffect),
    };
}
