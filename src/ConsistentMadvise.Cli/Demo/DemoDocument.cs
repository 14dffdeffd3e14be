namespace ConsistentMadvise.Cli;

/// <summary>What <c>demo --json</c> prints.</summary>
/// <param name="Held">Whether everything went as the demo says it does.</param>
/// <param name="Pid">The process that was hinted.</param>
/// <param name="ResidentBefore">Bytes of the planned VMAs in memory before the hint.</param>
/// <param name="ResidentAfter">Bytes of them in memory behind it.</param>
/// <param name="Applied">The transaction whose plan fitted.</param>
/// <param name="Stale">The transaction whose plan did not fit any more.</param>
internal sealed record DemoDocument(bool Held, int Pid, ulong ResidentBefore, ulong ResidentAfter, ApplyDocument Applied, ApplyDocument Stale);
