using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// The target was stopped by a signal, and its parent acted on it: <c>su</c>, <c>runuser</c> and <c>script</c> stopped themselves and were never continued,
/// and an interactive shell took the terminal from its job.
/// </summary>
public sealed class AParentStoppedWithItsChild
{
    public static TheoryData<string, string[]> Parents => new()
    {
        { "su", ["su", "root", "-s", "/bin/sh", "-c", "exec \"$0\" \"$1\"", "@", "#"] },
        { "runuser", ["runuser", "-u", "root", "--", "@", "#"] },
        { "script", ["script", "-qec", "exec @ #", "/dev/null"] },
        { "bash", ["script", "-qec", "bash --norc -i", "/dev/null"] },
        { "bash &", ["script", "-qec", "bash --norc -i", "/dev/null"] },
    };

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.Compiler)]
    [MemberData(nameof(Parents))]
    public void Apply_TheParentActsOnStops_IsRefusedBySignalAlone(string parent, string[] command)
    {
        string file = Path.GetTempFileName();
        using CProgram started = Start(command, file);
        if (parent.StartsWith("bash", StringComparison.Ordinal))
        {
            started.WriteLine($"{CProgram.Build("sleeper")} {file}{parent["bash".Length..]}");
        }

        int pid = 0;
        Eventually.Holds(() => int.TryParse(File.ReadAllText(file), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out pid), "the target has begun");
        using ProcessTarget target = ProcessTarget.Open(pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous);
        int foreground = Field(pid, 8);

        HintOutcome bySignal = target.Apply(plan, new HintOptions { Freezer = FreezerKind.Signal, FreezeTimeout = Eventually.Patience });
        HintOutcome byChoice = target.Apply(plan, new HintOptions { FreezeTimeout = Eventually.Patience });

        Assert.Equal((HintStatus.Refused, HintReason.ParentActsOnStops, Field(pid, 4)), (bySignal.Status, bySignal.Reason, SubjectOf(bySignal)));
        Assert.Equal((HintStatus.Applied, FreezerKind.Ptrace), (byChoice.Status, byChoice.Freezer));
        Assert.All(ThreadStatus.ReadAll(Field(pid, 4)), static thread => Assert.False(thread.IsStopped, $"{thread}"));
        Assert.All(ThreadStatus.ReadAll(pid), static thread => Assert.False(thread.IsStopped, $"{thread}"));
        Assert.Equal(foreground, Field(pid, 8));
        AssertEnds(pid);
        File.Delete(file);
    }

    private static CProgram Start(string[] command, string file)
    {
        string[] arguments = [.. command.Select(word => word.Replace("@", CProgram.Build("sleeper"), StringComparison.Ordinal).Replace("#", file, StringComparison.Ordinal))];
        return CProgram.StartCommand(arguments[0], arguments[1..]);
    }

    private static int SubjectOf(HintOutcome outcome) =>
        int.Parse(outcome.Message.Split("(process or thread ")[1].Split(')')[0], CultureInfo.InvariantCulture);

    /// <summary>A field of <c>/proc/PID/stat</c> by its number in proc_pid_stat(5).</summary>
    private static int Field(int pid, int number) =>
        int.Parse(File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].Split(' ')[number - 2], CultureInfo.InvariantCulture);

    private static void AssertEnds(int pid)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
        Eventually.Holds(() => !Directory.Exists($"/proc/{pid}"), "the target was reaped");
    }
}
