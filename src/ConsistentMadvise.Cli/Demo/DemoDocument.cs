namespace ConsistentMadvise.Cli;

/// <summary>What <c>demo --json</c> prints.</summary>
/// <param name="Held">Whether the demo went as expected.</param>
/// <param name="Pid">The process that was hinted.</param>
/// <param name="ResidentBefore">Bytes of the planned VMAs in memory before the hint.</param>
/// <param name="ResidentAfter">Bytes of them in memory after it.</param>
/// <param name="Applied">The transaction with a matching plan.</param>
/// <param name="Stale">The transaction with a stale plan.</param>
internal sealed record DemoDocument(bool Held, int Pid, ulong ResidentBefore, ulong ResidentAfter, ApplyDocument Applied, ApplyDocument Stale);
