namespace ConsistentMadvise.Cli;

/// <summary>What the process's exit code means. A contract with scripts: numbers are never reused.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Unexpected = 1;
    public const int Usage = 2;
    public const int Stale = 3;
    public const int TargetGone = 4;
    public const int Refused = 5;
    public const int FreezeTimedOut = 6;
    public const int PartlyApplied = 7;
    public const int NotOnThisMachine = 8;
    public const int Raced = 9;

    /// <summary>Ended by a signal, as shells say it of Ctrl-C: 128 + SIGINT.</summary>
    public const int Cancelled = 130;

    public const string Help =
        "Exit codes: 0 applied, or the token holds; 1 unexpected error; 2 usage; 3 stale; 4 the target is gone; 5 refused or not permitted; "
        + "6 freeze timed out; 7 partly applied; 8 this machine cannot; 9 raced (optimistic); 130 cancelled by a signal, the target runs.";

    public static int Of(HintOutcome outcome) => outcome.Status switch
    {
        HintStatus.Applied => Done,
        _ when outcome.Reason == HintReason.Cancelled => Cancelled,
        HintStatus.PartlyApplied => PartlyApplied,
        HintStatus.Stale => Stale,
        HintStatus.FreezeTimedOut => FreezeTimedOut,
        HintStatus.TargetExited => TargetGone,
        HintStatus.Refused => Refused,
        HintStatus.Raced => Raced,
        _ => Unexpected,
    };
}
