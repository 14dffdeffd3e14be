using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>The target traced the caller (strace -p), or answered its calls as a seccomp supervisor: the caller froze it, waited for it, and both stood still for good.</summary>
public sealed class ATracerOfTheCallerWasFrozen
{
    private const string Refused = "exit 5";

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.Compiler | Needs.X64)]
    [InlineData("trace", "traces the caller")]
    [InlineData("ancestor", "traces the caller")]
    [InlineData("chain", "traces the caller")]
    [InlineData("supervise", "seccomp supervisor")]
    public void Apply_TheCallerWaitsForTheTarget_IsRefused(string mode, string sentence)
    {
        using CProgram watcher = CProgram.Start("watcher", mode, "sh", "-c", "exec \"$0\" \"$@\" 2>&1", CommandRun.Path, "apply", "@", "--advice", "cold");

        string output = watcher.Finish();

        Assert.Contains(sentence, output, StringComparison.Ordinal);
        Assert.Equal(Refused, output.TrimEnd('\n').Split('\n')[^1]);
    }

    [KernelFact(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.Compiler)]
    public void Check_OneOtherThreadOfTheCallerIsTraced_NamesTheThread()
    {
        using ManualResetEventSlim isDone = new();
        int tid = 0;
        Thread thread = new(() =>
        {
            Volatile.Write(ref tid, Kernel.ThreadId());
            isDone.Wait();
        });
        thread.Start();
        Eventually.Holds(() => Volatile.Read(ref tid) != 0, "the thread has begun");
        using (CProgram tracer = CProgram.Start("seizer", $"{tid}"))
        {
            Assert.Equal($"{tracer.Pid}", tracer.ReadLine());
            using ProcessTarget target = ProcessTarget.Open(tracer.Pid);

            TransactionStop result = CallerTracers.Check(target);

            Assert.Equal((HintStatus.Refused, HintReason.TracesCaller, tid), (result.Status, result.Reason, result.Subject));
        }

        isDone.Set();
        thread.Join();
    }
}
