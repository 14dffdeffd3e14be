using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>PTRACE_SEIZE waited, beyond any timeout, for a thread in execve(2) of a program on a file system that does not answer: transaction, engine and disposal waited with it.</summary>
public sealed class ASeizeThatNeverReturnedHeldTheEngine
{
    private const Needs Held = Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.Compiler | Needs.Fuse;

    [KernelTheory(Held)]
    [InlineData(true)]
    [InlineData(false)]
    public void Apply_ExecOnAHungFileSystem_EndsAndTheTargetRuns(bool isSurveyed)
    {
        using HeldFileServer server = new();
        using CProgram program = CProgram.StartApart("execheld");
        int pid = int.Parse(program.ReadLine()!, CultureInfo.InvariantCulture);
        using ProcessTarget target = ProcessTarget.Open(pid);
        program.WriteLine(server.PathFromOutside);
        server.AwaitRead();
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous);
        HintOptions options = new() { Freezer = FreezerKind.Ptrace, FreezeTimeout = TimeSpan.FromMilliseconds(100) };

        HintOutcome outcome = TargetTransactions.Run(target, plan, options, isSurveyed ? null : new UnsurveyedProbe(), CancellationToken.None);

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.Executing), (outcome.Status, outcome.Reason));
        Thread stop = new(static () => FrozenWindows.RunOutside(static () => { }));
        stop.Start();
        Assert.True(stop.Join(Eventually.Patience), "the window of the thread that was given up keeps no one from stopping");
        target.Dispose();
        program.WriteLine();
        Assert.Equal("pong", program.ReadLine()); // no thread is held
        server.Answer();
        Assert.Equal("returned", program.ReadLine());
        Eventually.Holds(() => ThreadStatus.ReadAll(pid).All(static thread => thread.TracerPid == 0 && !thread.IsStopped), "no thread is traced");
        program.WriteLine();
        Assert.Equal("pong", program.ReadLine());
    }
}
