using Microsoft.Extensions.DependencyInjection;

namespace ConsistentMadvise.Samples;

/// <summary>One engine for many processes, in a container.</summary>
internal static class HostingSample
{
    public static async Task<HintOutcome> RunAsync(IServiceCollection services, ProcessTarget target, HintPlan plan, CancellationToken cancellationToken)
    {
        // <hosting>
        services.AddConsistentMadvise(options => options.MaxConcurrency = 2);    // package ConsistentMadvise.Hosting

        await using ServiceProvider provider = services.BuildServiceProvider();
        HintEngine engine = provider.GetRequiredService<HintEngine>();
        HintOutcome outcome = await engine.ApplyAsync(new HintRequest(target, plan), cancellationToken);
        // </hosting>
        return outcome;
    }
}
