namespace ConsistentMadvise.Cli;

/// <summary>The exit codes. A contract with scripts: numbers are never reused.</summary>
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

    /// <summary>Ended by a signal, as shells report Ctrl-C: 128 + SIGINT.</summary>
    public const int Cancelled = 130;

    /// <summary>The reader of the output is gone; as shells report a command killed by SIGPIPE: 128 + SIGPIPE.</summary>
    public const int ReaderGone = 141;

    public const string Help =
        "Exit codes: 0 applied, or the token is valid; 1 any other error; 2 usage; 3 stale; 4 the target has exited; 5 refused or not permitted; "
        + "6 freeze timed out; 7 partly applied; 8 not supported on this machine; 9 raced (optimistic); 130 cancelled by a signal, the target runs; "
        + "141 the reader of the output is gone (apply, check and recover exit with the code of what they did).";

    /// <summary>The meaning of a code, in JSON.</summary>
    public static string Name(int code) => code switch
    {
        Usage => "usage",
        Stale => "stale",
        TargetGone => "targetExited",
        Refused => "refused",
        NotOnThisMachine => "notSupported",
        Cancelled => "cancelled",
        _ => "failed",
    };

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
