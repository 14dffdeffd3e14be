using System.Collections.Concurrent;
using ConsistentMadvise.Interop;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>A sharer that changes the planned memory while the target is held: found, or reported. And no other process is taken for a sharer.</summary>
public sealed class SharerRaceTests(ITestOutputHelper output)
{
    private const int Mprotect = 10;
    private const int MapsReaders = 2;
    private const ulong Read = 1;
    private const ulong ReadWrite = 3;

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf | Needs.X64)]
    public void Ignore_SharerChangesThePlannedMemoryAfterTheRecheck_IsRaced()
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => Protect(sharer, target, Read));

        HintOutcome outcome = target.Apply(new HintOptions { Match = LayoutMatch.Ranges, Sharers = SharerPolicy.Ignore }, probe);

        Assert.Equal(HintStatus.Raced, outcome.Status);
        Assert.False(target.IsUntouched, "the changed memory was hinted");
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.X64)]
    public void Unchecked_SharerChangesThePlannedMemory_IsASilentMisHint()
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Opened, () => Protect(sharer, target, Read));

        HintOutcome outcome = target.Apply(new HintOptions { Consistency = HintConsistency.Unchecked }, probe);

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.False(target.IsUntouched, "the changed memory was hinted");
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf | Needs.X64)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_SharersComeAndGoAndChangeThePlannedMemory_NeverSilent(FreezerKind freezer)
    {
        using PlannedTarget target = new();
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]);
        using ChangingSharers sharers = new(target);
        Dictionary<string, int> counts = [];
        int silent = 0, silentUnchecked = 0;
        for (int i = 0; i < Effort.Times(500); i++)
        {
            SharerPolicy policy = (SharerPolicy)(i % 3);
            MisHintOracle oracle = new(target);
            HintOutcome outcome = target.Apply(plan, new HintOptions { Freezer = freezer, Match = LayoutMatch.Ranges, Sharers = policy }, oracle);
            string name = $"{policy} {outcome.Status} {outcome.Reason}";
            counts[name] = counts.GetValueOrDefault(name) + 1;
            silent += oracle.SawAMisHint && outcome.Status is HintStatus.Applied or HintStatus.PartlyApplied ? 1 : 0;

            MisHintOracle control = new(target);
            target.Apply(plan, new HintOptions { Consistency = HintConsistency.Unchecked }, control);
            silentUnchecked += control.SawAMisHint ? 1 : 0;
        }

        output.WriteLine($"{freezer}: {sharers.Started} sharers made {sharers.Changes} changes; {silent} silent, without the checks {silentUnchecked} silent");
        output.WriteLine(string.Join(", ", counts.OrderBy(static count => count.Key).Select(static count => $"{count.Value} {count.Key}")));
        sharers.Stop();
        Assert.Equal(0, silent);
        Assert.DoesNotContain(counts.Keys, static outcome => !outcome.StartsWith($"{SharerPolicy.Ignore}", StringComparison.Ordinal) && outcome.Contains($"{HintStatus.Raced}", StringComparison.Ordinal));
        Assert.True(silentUnchecked > 0, "the control was silent: nothing was tested");
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Refuse_MapsAreReadByOthersAndThreadsComeAndGo_IsNeverTakenForShared()
    {
        using PlannedTarget target = new();
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]);
        ConcurrentDictionary<string, int> counts = [];
        WithUnrest(target, () =>
        {
            for (int i = 0; i < Effort.Times(1000); i++)
            {
                HintOutcome outcome = target.Apply(plan, new HintOptions { Match = LayoutMatch.Ranges });
                counts.AddOrUpdate($"{outcome.Status} {outcome.Reason}", 1, static (_, count) => count + 1);
            }
        });

        output.WriteLine(string.Join(", ", counts.Select(static count => $"{count.Value} {count.Key}")));
        // A text that was torn twice, by the threads' stacks, is stale; that is another matter.
        Assert.DoesNotContain(counts.Keys, static outcome => outcome.EndsWith(nameof(HintReason.AddressSpaceShared), StringComparison.Ordinal));
        Assert.Contains($"{HintStatus.Applied} {HintReason.None}", counts.Keys);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace)]
    [InlineData(false)]
    [InlineData(true)]
    public void FindUnheld_MapsAreReadByOthersAndThreadsComeAndGo_FindsNoSharer(bool withUsers)
    {
        using PlannedTarget target = new();
        SharerWatch watch = new(target.Target, SharerPolicy.Refuse, withUsers ? UsersReader.Shared : null);
        int found = 0;
        WithUnrest(target, () =>
        {
            for (int i = 0; i < Effort.Times(2000); i++)
            {
                Assert.Equal(Errno.None, watch.FindUnheld(isFrozen: false, out int sharer));
                found += sharer != 0 ? 1 : 0;
            }
        });

        Assert.Equal(0, found);
        target.Process.AssertRuns();
    }

    /// <summary>Has the target's maps read all the time, which counts as a user of them, and threads created and exiting in it.</summary>
    private static void WithUnrest(PlannedTarget target, Action action)
    {
        using CancellationTokenSource done = new();
        Thread[] threads = [.. Enumerable.Range(0, MapsReaders).Select(_ => new Thread(() => ReadMaps(target, done.Token))), new(() => RunThreads(target, done.Token))];
        Array.ForEach(threads, static thread => thread.Start());
        try
        {
            action();
        }
        finally
        {
            done.Cancel();
            Array.ForEach(threads, static thread => thread.Join());
        }
    }

    private static void ReadMaps(PlannedTarget target, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            MapsEntry.ReadText(target.Process.Pid);
        }
    }

    private static void RunThreads(PlannedTarget target, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            target.Process.RunBriefThreads(10);
        }
    }

    private static void Protect(Sharer sharer, PlannedTarget target, ulong protection) =>
        Assert.Equal(0, sharer.Call(Mprotect, target.Address, target.Range.Length, protection));

    /// <summary>Checks, after the hint, whether the planned memory still is what was planned.</summary>
    private sealed class MisHintOracle(PlannedTarget target) : ITransactionProbe
    {
        public bool SawAMisHint { get; private set; }

        public void At(TransactionPhase phase) =>
            SawAMisHint |= phase == TransactionPhase.Advised && MapsEntry.At(target.Process.Pid, target.Address).Permissions != "rw-p";
    }

    /// <summary>Starts sharers one after the other; each protects the planned memory and unprotects it a few times, and ends.</summary>
    private sealed class ChangingSharers : IDisposable
    {
        private const int ChangesPerSharer = 50;

        private readonly CancellationTokenSource _done = new();
        private readonly Thread _thread;

        public ChangingSharers(PlannedTarget target)
        {
            _thread = new Thread(() => Run(target));
            _thread.Start();
        }

        public int Started { get; private set; }

        public int Changes { get; private set; }

        public void Stop()
        {
            _done.Cancel();
            _thread.Join();
        }

        public void Dispose()
        {
            Stop();
            _done.Dispose();
        }

        private void Run(PlannedTarget target)
        {
            while (!_done.IsCancellationRequested)
            {
                using Sharer sharer = target.Process.StartSharer();
                Started++;
                for (int i = 0; i < ChangesPerSharer; i++)
                {
                    Protect(sharer, target, Read);
                    Protect(sharer, target, ReadWrite);
                    Changes += 2;
                }

                sharer.Exit();
            }
        }
    }
}
