using System.CommandLine;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise recover</c>: thaws what dead engines left frozen.</summary>
internal static class RecoverCommand
{
    public static Command Create(CommandOutput output)
    {
        Command command = new("recover", "Thaw whatever dead engines of this user left frozen. Ends with 0 when nothing is left, 1 when something may be, 5 when that is in another pid namespace.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<RecoveredFreeze> found = await FreezeRecovery.RecoverAsync(cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output.JsonOption))
            {
                foreach (RecoveredFreeze freeze in found)
                {
                    output.Json(RecoverDocument.Of(freeze), JsonContext.Default.RecoverDocument);
                }
            }
            else
            {
                Show(found, output);
            }

            foreach (RecoveredFreeze freeze in found.Where(static freeze => freeze.MayBeFrozen))
            {
                output.Message($"WARNING: A PROCESS MAY BE LEFT FROZEN. {Name(freeze)}: {freeze.Message}");
            }

            return CodeOf(found);
        });
        return command;
    }

    public static int CodeOf(IReadOnlyList<RecoveredFreeze> found) =>
        found.Any(static freeze => freeze.Status == RecoveryStatus.Failed) ? ExitCode.Unexpected
        : found.Any(static freeze => freeze.MayBeFrozen) ? ExitCode.Refused
        : ExitCode.Done;

    private static void Show(IReadOnlyList<RecoveredFreeze> found, CommandOutput output)
    {
        foreach (RecoveredFreeze freeze in found.Where(static freeze => !freeze.MayBeFrozen))
        {
            output.Line($"{Name(freeze)}: {Explain(freeze.Status)}");
        }

        if (found.Count == 0)
        {
            output.Line("No engine has left anything frozen.");
        }
    }

    private static string Name(RecoveredFreeze freeze) =>
        string.Create(CultureInfo.InvariantCulture, $"Process {freeze.Process.Pid}{(freeze.Cgroup is { } cgroup ? $" in {cgroup}" : string.Empty)}");

    private static string Explain(RecoveryStatus status) => status switch
    {
        RecoveryStatus.Thawed => "thawed",
        RecoveryStatus.ThawedByGuard => "thawed by the guard of its engine",
        RecoveryStatus.AlreadyRunning => "was not frozen any more",
        RecoveryStatus.TargetExited => "has ended",
        RecoveryStatus.OwnerAlive => "left alone, its engine lives",
        _ => status.ToString(),
    };
}
