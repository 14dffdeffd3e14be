using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary><c>doctor</c> and <c>demo</c>, as a script sees them.</summary>
public sealed class CliMachineTests
{
    [KernelFact]
    public void Doctor_Json_NamesTheKernelAndEveryFeature()
    {
        using CommandRun run = CommandRun.Of("doctor", "--json");

        JsonElement doctor = run.AssertJson(0);
        Assert.Equal(Capabilities.Current.KernelRelease, doctor.GetProperty("kernel").GetString());
        Assert.Equal(
            Capabilities.Current.Features.Select(static feature => feature.Name),
            doctor.GetProperty("features").EnumerateArray().Select(static feature => feature.GetProperty("name").GetString()));
    }

    [KernelFact(Needs.Root)]
    public void Doctor_WithoutSysNice_SaysThatAdviceIsNotPermitted()
    {
        using CommandRun run = CommandRun.Without("sys_nice", "doctor", "--json");

        Dictionary<string, string> states = run.AssertJson(0).GetProperty("features").EnumerateArray()
            .ToDictionary(static feature => feature.GetProperty("name").GetString()!, static feature => feature.GetProperty("state").GetString()!);
        Assert.Equal("notPermitted", states["CAP_SYS_NICE"]);
        Assert.Equal("notPermitted", states["advice pageout"]);
        Assert.Equal("available", states["pidfd_open"]);
    }

    [KernelFact(Needs.NiceCapability)]
    public void Demo_WithTheRights_Holds()
    {
        JsonElement demo = DemoRun.UntilAllLeaves(static _ => true);

        Assert.Equal("applied", demo.GetProperty("applied").GetProperty("status").GetString());
        Assert.Equal("stale", demo.GetProperty("stale").GetProperty("status").GetString());
        Assert.False(Directory.Exists($"/proc/{demo.GetProperty("pid").GetInt32()}"), "the demo's target has exited");
    }

    [KernelFact(Needs.NiceCapability)]
    public void Demo_ForPeople_TellsTheStory()
    {
        using CommandRun run = CommandRun.Of("demo");

        run.AssertEnded(0);
        Assert.Contains("What changed:\n  changed ", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [KernelFact(Needs.Root)]
    public void Demo_WithoutSysNice_Is5AndNamesIt()
    {
        using CommandRun run = CommandRun.Without("sys_nice", "demo");

        run.AssertFailed(5, "CAP_SYS_NICE");
    }
}
