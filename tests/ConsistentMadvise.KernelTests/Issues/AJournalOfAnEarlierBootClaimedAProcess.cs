namespace ConsistentMadvise.KernelTests;

/// <summary>A journal that an earlier boot had left claimed a process of today that had the pid and the start time: it could not be frozen.</summary>
public sealed class AJournalOfAnEarlierBootClaimedAProcess : IDisposable
{
    private readonly HandMadeJournals _journals = new();

    public void Dispose() => _journals.Dispose();

    [KernelFact(Needs.None)]
    public void Claim_OfAnotherBoot_DoesNotCount()
    {
        using PlannedTarget target = new();
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        _journals.Add(JournalOwner.Current with { BootId = "3b7a5f0c-0000-4000-8000-000000000000" }, entry);
        OtherJournals others = new($"{_journals.Root}/own");
        Assert.False(HasClaim(others, entry.Head));

        string today = _journals.Add(JournalOwner.Current, entry);
        Assert.True(HasClaim(others, entry.Head));
        Directory.Delete(today, recursive: true);

        _journals.Add(JournalOwner.Current with { BootId = JournalOwner.Unknown }, entry); // it may be of today
        Assert.True(HasClaim(others, entry.Head));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.None)]
    public void Claim_OfAnotherPidNamespace_CountsForTheSamePidfdOnly()
    {
        using PlannedTarget target = new();
        JournalEntryHead head = JournalEntry.OfSignal(target.Target).Head;
        JournalOwner elsewhere = JournalOwner.Current with { PidNamespace = "pid:[1]" };
        OtherJournals others = new($"{_journals.Root}/own");
        _journals.Add(elsewhere, new JournalEntry(head with { PidfdInode = 0 }, default));
        Assert.False(HasClaim(others, head));

        _journals.Add(elsewhere, new JournalEntry(head with { Pid = head.Pid + 1 }, default)); // the same process by another number
        Assert.Equal(head.PidfdInode != 0, HasClaim(others, head));
        target.Process.AssertRuns();
    }

    private static bool HasClaim(OtherJournals journals, JournalEntryHead head)
    {
        Assert.Equal(Interop.Errno.None, journals.FindClaim(head, out bool isClaimed));
        return isClaimed;
    }
}
