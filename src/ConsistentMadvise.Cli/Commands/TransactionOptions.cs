using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary>The options of <c>apply</c> that say how.</summary>
internal sealed class TransactionOptions
{
    private readonly Option<LayoutMatch> _match = Options.Word(
        "--match", "How much of the layout must be unchanged", ("layout", LayoutMatch.Layout), ("ranges", LayoutMatch.Ranges), ("sequence", LayoutMatch.Sequence));

    private readonly Option<HintConsistency> _consistency = Options.Word(
        "--consistency", "What is done about a target that changes its layout meanwhile",
        ("frozen", HintConsistency.Frozen), ("optimistic", HintConsistency.Optimistic), ("unchecked", HintConsistency.Unchecked));

    private readonly Option<bool> _freezeAfterRace = new("--freeze-after-race")
    {
        Description = "With --consistency optimistic: after a race, apply the plan once more under a freeze, if it still holds.",
    };

    private readonly Option<FreezerKind> _freezer = Options.Word(
        "--freezer", "How the target is held still",
        ("auto", FreezerKind.Auto), ("ptrace", FreezerKind.Ptrace), ("cgroup", FreezerKind.Cgroup), ("signal", FreezerKind.Signal));

    private readonly Option<string> _cgroup = new("--cgroup")
    {
        Description = "The cgroup v2 directory to freeze with all that is in it, for a target that shares one.",
        HelpName = "DIR",
    };

    private readonly Option<SharerPolicy> _sharers = Options.Word(
        "--sharers", "What is done when other processes share its memory (CLONE_VM, vfork)",
        ("refuse", SharerPolicy.Refuse), ("freeze", SharerPolicy.Freeze), ("ignore", SharerPolicy.Ignore));

    private readonly Option<TimeSpan?> _maxPause = Options.Duration(
        "--max-pause", $"How long the target may be held still at a time: {Durations.Form} ({Durations.Show(HintOptions.Default.MaxPause)} by default)");

    private readonly Option<TimeSpan?> _rest = Options.Duration(
        "--rest", $"How long it runs between two pauses; none for no rest ({Durations.Show(HintOptions.Default.RestBetweenWindows)} by default)");

    private readonly Option<bool> _unguarded = new("--allow-unguarded-freeze")
    {
        Description = "Use a freezer that outlives this command even where no guard process can be had; 'cmadvise recover' thaws what it left.",
    };

    private readonly Option<TimeSpan?> _freezeTimeout = Options.Duration(
        "--freeze-timeout", $"How long its threads may take to come to rest ({Durations.Show(HintOptions.Default.FreezeTimeout)} by default)");

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
        command.Options.Add(_unguarded);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_cgroup) is not null && result.GetValue(_freezer) is FreezerKind.Ptrace or FreezerKind.Signal)
            {
                result.AddError("A cgroup is frozen by --freezer cgroup, or auto.");
            }

            if (result.GetResult(_freezeAfterRace) is { Implicit: false } && result.GetValue(_consistency) != HintConsistency.Optimistic)
            {
                result.AddError("Only an optimistic attempt can race: --freeze-after-race goes with --consistency optimistic.");
            }
        });
    }

    public HintOptions Read(ParseResult parsed) => new()
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
        FreezeTimeout = parsed.GetValue(_freezeTimeout) ?? HintOptions.Default.FreezeTimeout,
    };
}
