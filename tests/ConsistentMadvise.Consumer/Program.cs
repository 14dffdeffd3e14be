using System.Diagnostics;
using ConsistentMadvise;
using Microsoft.Extensions.DependencyInjection;

// A process at rest: once cat has answered it waits in read(2), and its layout stays as it is.
using Process cat = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
try
{
    await cat.StandardInput.WriteLineAsync("ready");
    await cat.StandardOutput.ReadLineAsync();

    await using ServiceProvider services = new ServiceCollection().AddConsistentMadvise().BuildServiceProvider();
    using ProcessTarget target = ProcessTarget.Open(cat.Id);
    LayoutSnapshot layout = await target.CaptureLayoutAsync();
    HintPlan plan = HintPlan.Create(layout, Advice.Cold, static vma => vma.IsPrivateAnonymous);
    HintOptions patient = new() { FreezeTimeout = TimeSpan.FromSeconds(30), MaxPause = Timeout.InfiniteTimeSpan, PauseLimit = TimeSpan.FromSeconds(60) };
    HintOutcome outcome = await services.GetRequiredService<HintEngine>().ApplyAsync(new HintRequest(target, plan, patient));
    Console.WriteLine($"{layout.Count} VMAs, {plan.Ranges.Count} ranges: {outcome}");
    return outcome.Status == HintStatus.Applied && outcome.BytesAdvised == plan.Bytes && plan.Bytes > 0 ? 0 : 1;
}
finally
{
    cat.StandardInput.Close();
    await cat.WaitForExitAsync();
}
