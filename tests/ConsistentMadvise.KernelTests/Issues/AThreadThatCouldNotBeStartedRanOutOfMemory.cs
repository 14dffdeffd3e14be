using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A system without a thread to give (RLIMIT_NPROC, pids.max) made <c>Apply</c> throw <see cref="OutOfMemoryException"/>; it is a refusal that names the error.</summary>
[Collection(ProcessAlone.Name)]
public sealed class AThreadThatCouldNotBeStartedRanOutOfMemory
{
    private static readonly int[] Clone = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? [220, 435] : [56, 435];

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_NoThreadCanBeStarted_IsRefused()
    {
        using PlannedTarget target = new();
        HintOptions options = new() { Freezer = FreezerKind.Ptrace };
        Assert.Equal(HintStatus.Applied, target.Apply(options).Status);
        HintPlan plan = target.Plan();
        HintOutcome outcome = default;
        using ManualResetEventSlim done = new();
        using CountdownEvent busy = new(Environment.ProcessorCount + 1);
        Thread[] users = [.. Enumerable.Range(0, busy.InitialCount).Select(_ => new Thread(() => TransactionThread.TryRun(() =>
        {
            busy.Signal();
            done.Wait();
            return true;
        })))];
        Array.ForEach(users, static user => user.Start());
        busy.Wait(); // no idle thread is left

        OwnThread.Run(() =>
        {
            SeccompFilter.Deny(Clone, Errno.EAGAIN);
            outcome = target.Apply(plan, options);
        });

        done.Set();
        Array.ForEach(users, static user => user.Join());
        Assert.Equal((HintStatus.Refused, HintReason.CouldNotLook), (outcome.Status, outcome.Reason));
        Assert.Contains("EAGAIN", outcome.Message, StringComparison.Ordinal);
        target.Process.AssertRuns();
    }
}
