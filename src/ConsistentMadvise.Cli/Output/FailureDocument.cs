namespace ConsistentMadvise.Cli;

/// <summary>What a command prints with <c>--json</c> when it fails before it has a document of its own.</summary>
/// <param name="Status">What the exit code means: <c>failed</c>, <c>usage</c>, <c>stale</c>, <c>targetExited</c>, <c>refused</c>, <c>notSupported</c> or <c>cancelled</c>.</param>
/// <param name="Reason">A <see cref="TargetError"/>; null for another failure.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Pid">The process concerned; null if none is.</param>
/// <param name="Message">The message on stderr.</param>
internal sealed record FailureDocument(string Status, string? Reason, int ExitCode, int? Pid, string Message);
