using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary>Each way that <c>cmadvise apply</c> can end, as a script sees it.</summary>
public sealed class CliApplyTests
{
    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_RangeOfAQuietTarget_Is0AndThePagesLeave()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Of(["apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--json", .. CommandRun.Patient]);

        JsonElement outcome = run.AssertJson(0);
        Assert.Equal("applied", outcome.GetProperty("status").GetString());
        Assert.Equal("ptrace", outcome.GetProperty("freezer").GetString());
        Assert.Equal(planned.Range.Length, outcome.GetProperty("bytesAdvised").GetUInt64());
        Assert.Equal(planned.Range.Length, outcome.GetProperty("bytesPlanned").GetUInt64());
        Assert.True(outcome.GetProperty("longestPauseMicroseconds").GetDouble() > 0);
        JsonElement range = Assert.Single(outcome.GetProperty("ranges").EnumerateArray());
        Assert.Equal($"{planned.Range.Start:x8}", range.GetProperty("start").GetString());
        Assert.Equal("advised", range.GetProperty("status").GetString());
        JsonElement effect = outcome.GetProperty("effect");
        Assert.Equal((planned.Range.Length, 0ul), (effect.GetProperty("residentBefore").GetUInt64(), effect.GetProperty("residentAfter").GetUInt64()));
        Assert.Equal(0, planned.Process.Resident(planned.Address, PlannedTarget.Pages).Present);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_PlanOnStdin_Is0()
    {
        using PlannedTarget planned = new();
        using CommandRun plan = CommandRun.Of("plan", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}");
        plan.AssertJson(0);

        using CommandRun run = CommandRun.WithInput(plan.Output, ["apply", "--plan", "-", "--json", .. CommandRun.Patient]);

        Assert.Equal("applied", run.AssertJson(0).GetProperty("status").GetString());
        Assert.Equal(0, planned.Process.Resident(planned.Address, PlannedTarget.Pages).Present);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_TokenThatHolds_Is0()
    {
        using PlannedTarget planned = new();
        string token = planned.Target.ReadToken().ToString();

        using CommandRun run = CommandRun.Of(
            ["apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--token", token, "--match", "ranges", "--json", .. CommandRun.Patient]);

        Assert.Equal("ranges", run.AssertJson(0).GetProperty("match").GetString());
        Assert.Equal(0, planned.Process.Resident(planned.Address, PlannedTarget.Pages).Present);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_DryRun_Is0AndTouchesNothing()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Of("apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--dry-run", "--json");

        JsonElement outcome = run.AssertJson(0);
        Assert.Equal("dryRun", outcome.GetProperty("status").GetString());
        Assert.Equal(planned.Range.Length, outcome.GetProperty("bytesPlanned").GetUInt64());
        Assert.Equal("notAttempted", Assert.Single(outcome.GetProperty("ranges").EnumerateArray()).GetProperty("status").GetString());
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_StalePlanFromElsewhere_Is3AndRevealsNothing()
    {
        using PlannedTarget planned = new();
        using CommandRun plan = CommandRun.Of("plan", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}");
        planned.Process.Protect(planned.Address, PlannedTarget.Pages, "r");

        using CommandRun run = CommandRun.WithInput(plan.Output, "apply", "--plan", "-", "--json");

        JsonElement outcome = run.AssertJson(3);
        Assert.Equal("stale", outcome.GetProperty("status").GetString());
        Assert.Equal("layoutChanged", outcome.GetProperty("reason").GetString());
        Assert.Empty(outcome.GetProperty("changes").EnumerateArray());
        Assert.Empty(outcome.GetProperty("ranges").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, outcome.GetProperty("effect").ValueKind);
        Assert.Contains("plan again", run.Error, StringComparison.Ordinal);
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_TokenOfAnEarlierLayout_Is3()
    {
        using PlannedTarget planned = new();
        string token = planned.Target.ReadToken().ToString();
        planned.Process.Map(1);

        using CommandRun run = CommandRun.Of("apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--token", token, "--json");

        Assert.Equal("stale", run.AssertJson(3).GetProperty("status").GetString());
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_TargetThatExited_Is4()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using CommandRun plan = CommandRun.Of("plan", $"{process.Pid}", "--advice", "cold");
        process.Exit(0);

        using CommandRun run = CommandRun.WithInput(plan.Output, "apply", "--plan", "-");

        run.AssertFailed(4, "there is no such process");
    }

    [KernelFact(Needs.Root)]
    public void Apply_WithoutSysNice_Is5AndNamesIt()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Without("sys_nice", "apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--json");

        JsonElement outcome = run.AssertJson(5);
        Assert.Equal("refused", outcome.GetProperty("status").GetString());
        Assert.Equal("notPermitted", outcome.GetProperty("reason").GetString());
        Assert.Contains("CAP_SYS_NICE", run.Error, StringComparison.Ordinal);
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void Apply_ByPtraceWithoutSysPtrace_Is5AndNamesIt()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Without(
            "sys_ptrace", "apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--freezer", "ptrace");

        run.AssertEnded(5);
        Assert.Contains("CAP_SYS_PTRACE", run.Error, StringComparison.Ordinal);
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void Apply_WithoutSysPtrace_TakesAnotherFreezerAndSaysWhy()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Without("sys_ptrace", ["apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", .. CommandRun.Patient]);

        run.AssertEnded(0);
        Assert.Contains("Freezer signal: ", run.Output, StringComparison.Ordinal);
        Assert.False(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_UnmappedRange_Is5()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of("apply", $"{process.Pid}", "--advice", "cold", "--range", "1000-2000");

        run.AssertFailed(5, "covers 00001000-00002000");
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.X64)]
    public void Apply_TargetThatDoesNotStop_Is6()
    {
        using PlannedTarget planned = new();
        using Sharer child = planned.Process.StartSharer(vfork: true); // a vfork parent does not stop before its child is done

        using CommandRun run = CommandRun.Of("apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--freeze-timeout", "20ms", "--sharers", "ignore", "--json");

        Assert.Equal("freezeTimedOut", run.AssertJson(6).GetProperty("status").GetString());
        child.Exit();
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.X64)]
    public void Apply_SharedAddressSpace_Is5UnlessSharersAreFrozen()
    {
        using PlannedTarget planned = new();
        Sharer sharer = planned.Process.StartSharer();
        string[] arguments = ["apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--json", .. CommandRun.Patient];

        using CommandRun refused = CommandRun.Of(arguments);
        Assert.Equal("addressSpaceShared", refused.AssertJson(5).GetProperty("reason").GetString());
        Assert.True(planned.IsUntouched);

        using CommandRun frozen = CommandRun.Of([.. arguments, "--sharers", "freeze"]);
        Assert.Equal("applied", frozen.AssertJson(0).GetProperty("status").GetString());
        Assert.Equal(sharer.Pid, sharer.Call(39)); // getpid: it runs
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_LockedVmaAmongThePlanned_Is7()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(3, 2);
        process.Lock(address + stride, 2);

        using CommandRun run = CommandRun.Of(
            ["apply", $"{process.Pid}", "--advice", "cold", "--range", $"{new AddressRange(address, address + 3 * stride)}", "--json", .. CommandRun.Patient]);

        JsonElement outcome = run.AssertJson(7);
        Assert.Equal("partlyApplied", outcome.GetProperty("status").GetString());
        Assert.Equal(["advised", "skipped", "advised"], outcome.GetProperty("ranges").EnumerateArray().Select(static range => range.GetProperty("status").GetString()));
        Assert.Equal(22, outcome.GetProperty("ranges")[1].GetProperty("errno").GetInt32());
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_AdviceThatTheKernelRefuses_Is8()
    {
        const string MADV_FREE = "8";
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Of("apply", Pid(planned), "--advice", MADV_FREE, "--range", $"{planned.Range}");

        run.AssertFailed(8, "does not accept advice '8'");
        planned.Process.AssertRuns();
    }

    private static string Pid(PlannedTarget planned) => $"{planned.Process.Pid}";
}
