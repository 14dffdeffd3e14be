using System.Text;

namespace ConsistentMadvise.Cli;

/// <summary>Reads a plan from a file, or from stdin.</summary>
internal static class PlanFile
{
    public static async Task<HintPlan> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string name = path == "-" ? "stdin" : $"'{path}'";
        string json;
        try
        {
            // On a thread of its own: neither opening a pipe nor reading one ends when it is cancelled.
            Task<string> reading = Task.Factory.StartNew(() => Read(path), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            json = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The plan cannot be read from {name}: {failure.Message}");
        }

        return HintPlan.TryFromJson(json, out HintPlan? plan, out string? reason)
            ? plan
            : throw new UsageException($"What {name} holds is not a plan as 'cmadvise plan' prints it: {reason}");
    }

    private static string Read(string path)
    {
        using Stream stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
