using System.CommandLine;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise demo</c>: hints a target of its own, then shows a stale plan rejected.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandOutput output)
    {
        Command command = new("demo", "Start a process, page out its memory, and show that a stale plan is rejected.");
        command.SetAction((_, cancellationToken) => RunAsync(output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandOutput output, CancellationToken cancellationToken)
    {
        ThrowIfNotPossible();
        DemoTarget process = await DemoTarget.StartAsync(DemoDirectory.Find(), cancellationToken).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            using ProcessTarget target = ProcessTarget.Open(process.Pid);
            DemoStory story = new(process, target, output.IsJson ? null : output);
            DemoDocument result = await story.TellAsync(cancellationToken).ConfigureAwait(false);
            if (output.IsJson)
            {
                output.Json(result, JsonContext.Default.DemoDocument);
            }

            return result.Held ? ExitCode.Done : ExitCode.Unexpected;
        }
    }

    private static void ThrowIfNotPossible()
    {
        Capabilities capabilities = Capabilities.Current;
        Feature pageOut = capabilities.AdviceSupport[Advice.PageOut];
        if (new[] { capabilities.Pidfd, capabilities.ProcessMadvise, pageOut }.FirstOrDefault(static feature => feature.State == FeatureState.Missing) is { } missing)
        {
            throw new PlatformNotSupportedException(
                string.Create(CultureInfo.InvariantCulture, $"The demo needs {missing.Name} (Linux {missing.Since}), which this kernel does not have ({missing.Detail})."));
        }

        if (!capabilities.SystemNice.IsAvailable)
        {
            throw new RefusedException(
                $"The demo hints another process, which needs CAP_SYS_NICE in the initial user namespace: {capabilities.SystemNice.Detail}.");
        }
    }
}
