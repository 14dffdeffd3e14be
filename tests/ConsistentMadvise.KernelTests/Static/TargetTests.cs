using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>What can be opened as a target, and what is refused with which reason.</summary>
public sealed class TargetTests
{
    [KernelFact]
    public void Open_RunningProcess_KnowsItAndSeesItExit()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        Assert.Equal(process.Pid, target.Pid);
        Assert.NotEqual(0ul, target.Identity.StartTime);
        Assert.False(target.HasExited);
        process.Exit(0);
        Assert.True(target.HasExited);
        Assert.Equal(TargetError.NotFound, Assert.Throws<TargetException>(() => target.ReadToken()).Error);
    }

    [KernelFact]
    public void Open_TheCaller_IsRefused() => AssertRefused(Environment.ProcessId, TargetError.IsCaller);

    [KernelFact]
    public void Open_NoSuchProcess_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Exit(0);
        AssertRefused(process.Pid, TargetError.NotFound);
    }

    [KernelFact]
    public void Open_AThread_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        int thread = ThreadStatus.ReadAll(process.Pid).Select(static thread => thread.Tid).First(tid => tid != process.Pid);
        AssertRefused(thread, TargetError.NotAProcess);
        process.AssertRuns();
    }

    [KernelFact]
    public void Open_KernelThread_IsRefused()
    {
        // kthreadd has pid 2, except in a pid namespace of a container.
        if (File.Exists("/proc/2/comm") && File.ReadAllText("/proc/2/comm") == "kthreadd\n")
        {
            AssertRefused(2, TargetError.KernelThread);
        }
    }

    [KernelFact]
    public void Open_Zombie_IsRefused()
    {
        // The shell becomes a program that waits for no child, and only then its child ends: some shells reap theirs at once.
        using Process parent = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec 3<&0; cat <&3 & exec sleep 60 </dev/null 3<&-"]) { RedirectStandardInput = true })!;
        try
        {
            Eventually.Holds(() => File.ReadAllText($"/proc/{parent.Id}/comm") == "sleep\n", "the shell is another program");
            parent.StandardInput.Close();
            string children = $"/proc/{parent.Id}/task/{parent.Id}/children";
            Eventually.Holds(() => File.ReadAllText(children).Length > 0, "the child was created");
            int child = int.Parse(File.ReadAllText(children), CultureInfo.InvariantCulture);
            Eventually.Holds(() => File.ReadAllText($"/proc/{child}/stat").Contains(") Z ", StringComparison.Ordinal), "the child is a zombie");
            AssertRefused(child, TargetError.Zombie);
        }
        finally
        {
            parent.Kill();
            parent.WaitForExit();
        }
    }

    [KernelFact]
    public void Open_LeaderExited_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.ExitLeader();
        Eventually.Holds(() => File.ReadAllText($"/proc/{process.Pid}/stat").Contains(") Z ", StringComparison.Ordinal), "the thread-group leader has exited");
        AssertRefused(process.Pid, TargetError.ThreadGroupLeaderExited);
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_LeaderExitedSincePlanning_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.MapTouched(4);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        ValueTask<LayoutSnapshot> capture = target.CaptureLayoutAsync();
        HintPlan plan = HintPlan.Create(capture.AsTask().GetAwaiter().GetResult(), Advice.Cold, VmaFilter.Parse("anon"));
        process.ExitLeader();
        Eventually.Holds(() => File.ReadAllText($"/proc/{process.Pid}/stat").Contains(") Z ", StringComparison.Ordinal), "the thread-group leader has exited");

        HintOutcome outcome = target.Apply(plan);

        Assert.Equal((HintStatus.Refused, HintReason.ThreadGroupLeaderExited), (outcome.Status, outcome.Reason));
        process.Send("ping");
    }

    [KernelFact]
    public void Capture_AfterExec_IsOfTheNewProgram()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutToken before = target.ReadToken();
        process.Exec();

        LayoutSnapshot layout = target.CaptureLayoutAsync().AsTask().GetAwaiter().GetResult();

        Assert.True(layout.Process.IsSameProcess(before.Process));
        Assert.False(layout.Token.Matches(before));
        Assert.True(layout.IsStable);
        Assert.Equal(process.CountVmas(), layout.Count);
        process.AssertRuns();
    }

    [KernelFact]
    public void Capture_ChurningTarget_IsReportedUnstable()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        process.StartChurn(0, seed: 1);
        CaptureOptions once = new() { MaxReads = 1 };
        Eventually.Holds(() => !target.CaptureLayoutAsync(once).AsTask().GetAwaiter().GetResult().IsStable, "a capture was torn, and said so");
        process.StopChurn();
        Assert.True(target.CaptureLayoutAsync().AsTask().GetAwaiter().GetResult().IsStable);
        process.AssertRuns();
    }

    private static void AssertRefused(int pid, TargetError expected)
    {
        Assert.False(ProcessTarget.TryOpen(pid, out ProcessTarget? target, out TargetError error));
        Assert.Null(target);
        Assert.Equal(expected, error);
        TargetException thrown = Assert.Throws<TargetException>(() => ProcessTarget.Open(pid));
        Assert.Equal((pid, expected), (thrown.Pid, thrown.Error));
    }
}
