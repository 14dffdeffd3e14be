namespace ConsistentMadvise.KernelTests;

/// <summary>A target whose name looks like the fields that follow it in <c>/proc/PID/stat</c>.</summary>
public sealed class RenamedTargetTests
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData("a) R 1 (b")]
    [InlineData(") S 1 1 1 1 1 1")]
    [InlineData("((((")]
    [InlineData("a\nb) Z 0\n0")]
    [InlineData(" ")]
    [InlineData("\\) \u00e9 \u0001")]
    public void Apply_TargetOfThatName_IsIdentifiedAndHinted(string name)
    {
        using PlannedTarget target = new();
        target.Process.Rename(name);
        Assert.Equal(name + "\n", File.ReadAllText($"/proc/{target.Process.Pid}/comm"));

        using ProcessTarget opened = ProcessTarget.Open(target.Process.Pid);
        Assert.Equal(target.Target.Identity, opened.Identity); // start ticks: the name was another then
        HintOutcome outcome = opened.Apply(target.Plan(), new HintOptions { FreezeTimeout = Eventually.Patience });

        Assert.Equal((HintStatus.Applied, target.Range.Length), (outcome.Status, outcome.BytesAdvised));
        Assert.False(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [Theory]
    [InlineData("")]
    [InlineData("6")]
    [InlineData("6g")]
    [InlineData("61616161616161616161616161616161")]
    public void Rename_NotANameInDigits_IsRefused(string digits)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        string before = File.ReadAllText($"/proc/{target.Pid}/comm");

        Assert.Throws<RaceTargetException>(() => target.Send($"rename {digits}"));

        Assert.Equal(before, File.ReadAllText($"/proc/{target.Pid}/comm"));
        target.AssertRuns();
    }
}
