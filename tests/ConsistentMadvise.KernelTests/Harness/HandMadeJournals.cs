namespace ConsistentMadvise.KernelTests;

/// <summary>A root with journals that a test writes, as engines that have died left them.</summary>
internal sealed class HandMadeJournals : IDisposable
{
    private int _made;

    public string Root { get; } = Directory.CreateTempSubdirectory("consistent-madvise-").FullName;

    /// <summary>How many are left.</summary>
    public int Count => Directory.GetDirectories(Root).Length;

    /// <summary>Writes one that says of each entry that it is held.</summary>
    public string Add(JournalOwner? owner, params JournalEntry[] held)
    {
        string journal = $"{Root}/1-{++_made}";
        Directory.CreateDirectory(journal);
        if (owner is not null)
        {
            File.WriteAllText($"{journal}/owner", owner.ToString());
        }

        for (int i = 0; i < held.Length; i++)
        {
            File.WriteAllBytes($"{journal}/freeze-{i + 1}", (held[i] with { Head = held[i].Head with { IsHeld = true } }).ToBytes());
        }

        return journal;
    }

    /// <summary>Recovers them. A process that another test has just forked holds the locks of our files until its execve(2): that is awaited.</summary>
    public IReadOnlyList<RecoveredFreeze> Recover()
    {
        RecoveredFreeze[] recovered = [];
        Eventually.Holds(
            () =>
            {
                // What an earlier try has recovered is not found again.
                IReadOnlyList<RecoveredFreeze> found = FreezeRecovery.RecoverAsync([Root], CancellationToken.None).GetAwaiter().GetResult();
                recovered = [.. recovered.Where(earlier => earlier.Status != RecoveryStatus.OwnerAlive && !found.Any(freeze => freeze.Process == earlier.Process)), .. found];
                return recovered.All(static freeze => freeze.Status != RecoveryStatus.OwnerAlive);
            },
            "no process holds the lock of an owner");
        return recovered;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
