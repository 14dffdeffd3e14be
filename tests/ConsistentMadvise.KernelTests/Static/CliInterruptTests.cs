using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary>A <c>cmadvise apply</c> that is interrupted.</summary>
public sealed class CliInterruptTests
{
    /// <summary>Windows far too short for the plan, and a long rest after each: the interrupt comes before the last.</summary>
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData("ptrace")]
    [InlineData("signal")]
    public void Apply_InterruptedBetweenItsWindows_Is130AndTheTargetRuns(string freezer)
    {
        const int Pages = 32 * 1024;
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(Pages);
        AddressRange range = new(address, address + (ulong)(Pages * Environment.SystemPageSize));
        using CommandRun run = CommandRun.Start(
            ["apply", $"{process.Pid}", "--advice", "pageout", "--range", $"{range}", "--freezer", freezer, "--max-pause", "5ms", "--rest", "2s", "--json", .. CommandRun.Patient]);
        Eventually.Holds(() => ThreadStatus.ReadAll(process.Pid).Any(static thread => thread.IsStopped), "the command holds the target");

        run.Interrupt();
        run.Wait();

        JsonElement outcome = run.AssertJson(130);
        Assert.Equal("partlyApplied", outcome.GetProperty("status").GetString());
        Assert.Equal("cancelled", outcome.GetProperty("reason").GetString());
        Assert.Equal(freezer, outcome.GetProperty("freezer").GetString());
        Assert.InRange(outcome.GetProperty("bytesAdvised").GetUInt64(), 1ul, range.Length - 1);
        process.AssertRuns();
    }
}
