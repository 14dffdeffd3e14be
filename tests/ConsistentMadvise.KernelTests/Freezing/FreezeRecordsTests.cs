using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Where journals are kept, and that none is believed but the caller's own.</summary>
public sealed class FreezeRecordsTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("consistent-madvise-").FullName;
    private readonly List<FreezeRecords> _records = [];

    private string Root => $"{_place}/root";

    public void Dispose()
    {
        _records.ForEach(static records => records.Journal?.Guard?.Dispose());
        Eventually.Holds(() => !Directory.Exists(Root) || Directory.GetDirectories(Root).Length == 0, "the guards have removed their journals");
        Directory.Delete(_place, recursive: true);
    }

    [KernelFact(Needs.None)]
    public void Create_InTheFirstUsableRoot_IsThereUntilDisposed()
    {
        using PlannedTarget target = new();
        FreezeRecords records = Records("/nonexistent/root", Root);

        using (IFreezeRecord record = records.Create(JournalEntry.OfSignal(target.Target), allowsUnguarded: false, out string why)!)
        {
            Assert.Equal((string.Empty, Root), (why, Path.GetDirectoryName(records.Journal!.Path)));
            Assert.False(Read(records).Head.IsHeld);
            Assert.True(record.TryMark(isHeld: true));
            Assert.Equal((true, target.Process.Pid), (Read(records).Head.IsHeld, Read(records).Head.Pid));
            record.TryMark(isHeld: false);
            Assert.False(Read(records).Head.IsHeld);
        }

        Assert.Empty(Directory.GetFiles(records.Journal.Path, "freeze-*"));
    }

    [KernelTheory(Needs.Root)]
    [InlineData("chmod 0777")]
    [InlineData("chmod 0720")]
    [InlineData("chown 65534")]
    [InlineData("ln -s")]
    public async Task Create_RootThatIsNotTheCallersAlone_IsRefused(string how)
    {
        using PlannedTarget target = new();
        string real = $"{_place}/real";
        Directory.CreateDirectory(how == "ln -s" ? real : Root);
        string[] words = how.Split(' ');
        using Process spoil = Process.Start(words[0], how == "ln -s" ? ["-s", real, Root] : [words[1], Root]);
        Assert.True(spoil.WaitForExit(Eventually.Patience));
        Assert.Equal(0, spoil.ExitCode);
        FreezeRecords records = Records(Root);

        Assert.Null(records.Create(JournalEntry.OfSignal(target.Target), allowsUnguarded: false, out string why));
        Assert.Contains(Root, why, StringComparison.Ordinal);
        using IFreezeRecord unguarded = records.Create(JournalEntry.OfSignal(target.Target), allowsUnguarded: true, out _)!;
        Assert.IsType<UnguardedRecord>(unguarded);

        // Nor is a recovery misled by what stands there.
        target.Process.StopItself();
        string journal = $"{Root}/1-x";
        Directory.CreateDirectory(journal);
        File.WriteAllText($"{journal}/owner", JournalOwner.Current.ToString());
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        File.WriteAllBytes($"{journal}/freeze-1", (entry with { Head = entry.Head with { IsHeld = true } }).ToBytes());
        Assert.Empty(await FreezeRecovery.RecoverAsync([Root], CancellationToken.None));
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
        Directory.Delete(journal, recursive: true);
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.None)]
    public void TryMark_GuardOrFileIsGone_IsRefusedAndTheNextRecordHasAGuardAgain()
    {
        using PlannedTarget target = new();
        FreezeRecords records = Records(Root);
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        using IFreezeRecord record = records.Create(entry, allowsUnguarded: false, out _)!;
        int first = records.Journal!.Guard!.Identity.Pid;
        Kill(records.Journal.Guard);
        Assert.False(record.TryMark(isHeld: true));

        using IFreezeRecord next = records.Create(entry, allowsUnguarded: false, out _)!;
        Assert.NotEqual(first, records.Journal.Guard.Identity.Pid);
        Assert.True(next.TryMark(isHeld: true));
        next.TryMark(isHeld: false);
        Assert.True(record.TryMark(isHeld: true)); // the new guard answers for all
        record.TryMark(isHeld: false);

        string lost = records.Journal.Path;
        Directory.Delete(lost, recursive: true);
        Assert.False(record.TryMark(isHeld: true));
        using IFreezeRecord elsewhere = records.Create(entry, allowsUnguarded: false, out _)!;
        Assert.NotEqual(lost, records.Journal.Path);
        Assert.True(elsewhere.TryMark(isHeld: true));
        elsewhere.TryMark(isHeld: false);
    }

    [KernelFact(Needs.None)]
    public void IsClaimedByAnother_OtherJournalHoldsIt_IsTrueAsLongAsItDoes()
    {
        using PlannedTarget target = new();
        using PlannedTarget other = new();
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        using IFreezeRecord own = Records(Root).Create(entry, allowsUnguarded: false, out _)!;
        FreezeRecords engine = Records(Root);
        using IFreezeRecord unrelated = engine.Create(JournalEntry.OfSignal(other.Target), allowsUnguarded: false, out _)!;
        using IFreezeRecord same = engine.Create(entry, allowsUnguarded: false, out _)!;
        Assert.True(own.TryMark(isHeld: true) && unrelated.TryMark(isHeld: true));
        Assert.False(IsClaimed(own));

        Assert.True(same.TryMark(isHeld: true));
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isClaimed = IsClaimed(own);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((true, 0), (isClaimed, allocated));
        Assert.True(IsClaimed(same));
        same.TryMark(isHeld: false);
        Assert.False(IsClaimed(own));
        own.TryMark(isHeld: false);
        unrelated.TryMark(isHeld: false);
    }

    [KernelFact(Needs.None)]
    public async Task Recover_EarlierBootOrOtherNamespace_ActsOnNoProcess()
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        WriteJournal("1-boot", JournalOwner.Current with { BootId = "another" }, target);
        WriteJournal("1-namespace", JournalOwner.Current with { PidNamespace = JournalOwner.Unknown }, target);
        WriteJournal("1-broken", null, target);

        IReadOnlyList<RecoveredFreeze> recovered = await FreezeRecovery.RecoverAsync([Root], CancellationToken.None);

        Assert.Equal(
            [RecoveryStatus.TargetExited, RecoveryStatus.OtherNamespace, RecoveryStatus.Failed],
            recovered.Select(static freeze => freeze.Status).Order());
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
        Assert.Equal(2, Directory.GetDirectories(Root).Length); // that of the earlier boot is removed
        Directory.Delete(Root, recursive: true);
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void Create_GuardCannotBeChecked_NeitherTrustsNorReplacesIt()
    {
        using PlannedTarget target = new();
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        FreezeRecords records = Records(Root);
        using IFreezeRecord first = records.Create(entry, allowsUnguarded: false, out _)!;
        int guard = records.Journal!.Guard!.Identity.Pid;
        IFreezeRecord? unseen = first;
        string why = string.Empty;

        OwnThread.Run(() =>
        {
            SeccompFilter.Deny([SyscallNumber.ppoll], Errno.EMFILE);
            unseen = records.Create(entry, allowsUnguarded: false, out why);
        });

        Assert.Null(unseen);
        Assert.Equal("the guard could not be checked: EMFILE", why);
        using IFreezeRecord again = records.Create(entry, allowsUnguarded: false, out _)!;
        Assert.Equal(guard, records.Journal.Guard.Identity.Pid);
        target.Process.AssertRuns();
    }

    private static void Kill(FreezeGuard guard)
    {
        Assert.Equal(Errno.None, Kernel.PidfdOpen(guard.Identity.Pid, out SafeDescriptor descriptor));
        using SafeDescriptor pidfd = descriptor;
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(pidfd, Uapi.SIGKILL));
        Eventually.Holds(() => guard.HasExited(out bool hasExited).Ok && hasExited, "the guard has exited");
    }

    private static JournalEntry Read(FreezeRecords records)
    {
        string file = Assert.Single(Directory.GetFiles(records.Journal!.Path, "freeze-*"));
        Assert.True(JournalEntry.TryParse(File.ReadAllBytes(file), out JournalEntry entry));
        return entry;
    }

    private void WriteJournal(string name, JournalOwner? owner, PlannedTarget target)
    {
        Directory.CreateDirectory($"{Root}/{name}");
        File.WriteAllText($"{Root}/{name}/owner", owner?.ToString() ?? "?");
        JournalEntry entry = JournalEntry.OfSignal(target.Target);
        File.WriteAllBytes($"{Root}/{name}/freeze-1", (entry with { Head = entry.Head with { IsHeld = true } }).ToBytes());
    }

    private FreezeRecords Records(params string[] roots)
    {
        FreezeRecords records = new(roots);
        _records.Add(records);
        return records;
    }

    private static bool IsClaimed(IFreezeRecord record) => record.IsClaimedByAnother(out bool isClaimed).Ok && isClaimed;
}
