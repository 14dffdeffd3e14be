namespace ConsistentMadvise.Cli;

/// <summary>What <c>check --json</c> prints.</summary>
/// <param name="Matches">Whether the token still stands for the layout.</param>
/// <param name="Match">What was compared.</param>
/// <param name="Changes">What moved. A token is a hash: by itself it does not tell, so this is empty.</param>
internal sealed record CheckDocument(bool Matches, string Match, ChangeDocument[] Changes);
