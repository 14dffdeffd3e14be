namespace ConsistentMadvise.Cli;

/// <summary>What <c>check --json</c> prints.</summary>
/// <param name="Matches">Whether the token still matches the layout.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Message">The answer in a sentence.</param>
/// <param name="Match">What was compared.</param>
/// <param name="Changes">Always empty: a token is a hash, and cannot show what changed.</param>
internal sealed record CheckDocument(bool Matches, int ExitCode, string Message, string Match, ChangeDocument[] Changes);
