using System.CommandLine;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise recover</c>: thaws what crashed engines left frozen.</summary>
internal static class RecoverCommand
{
    public static Command Create(CommandOutput output)
    {
        Command command = new("recover", "Thaw processes that a crashed engine of this user left frozen. Exit code 0: nothing left frozen; 1: something may be; 5: something may be, in another pid namespace.");
        command.SetAction(async (_, cancellationToken) =>
        {
            IReadOnlyList<RecoveredFreeze> found = await FreezeRecovery.RecoverAsync(cancellationToken).ConfigureAwait(false);
            return output.Conclude(CodeOf(found), "The recovery is done.", () => Report(found, output));
        });
        return command;
    }

    public static int CodeOf(IReadOnlyList<RecoveredFreeze> found) =>
        found.Any(static freeze => freeze.Status == RecoveryStatus.Failed) ? ExitCode.Unexpected
        : found.Any(static freeze => freeze.MayBeFrozen) ? ExitCode.Refused
        : ExitCode.Done;

    private static void Report(IReadOnlyList<RecoveredFreeze> found, CommandOutput output)
    {
        // First: the warning must be printed even if the list cannot be.
        foreach (RecoveredFreeze freeze in found.Where(static freeze => freeze.MayBeFrozen))
        {
            output.Message($"WARNING: A PROCESS MAY BE LEFT FROZEN. {Name(freeze)}: {freeze.Message}");
        }

        if (!output.IsJson)
        {
            Show(found, output);
            return;
        }

        foreach (RecoveredFreeze freeze in found)
        {
            output.Json(RecoverDocument.Of(freeze), JsonContext.Default.RecoverDocument);
        }
    }

    private static void Show(IReadOnlyList<RecoveredFreeze> found, CommandOutput output)
    {
        foreach (RecoveredFreeze freeze in found.Where(static freeze => !freeze.MayBeFrozen))
        {
            output.Line($"{Name(freeze)}: {Explain(freeze.Status)}");
        }

        if (found.Count == 0)
        {
            output.Line("No crashed engine left anything frozen.");
        }
    }

    private static string Name(RecoveredFreeze freeze) =>
        string.Create(CultureInfo.InvariantCulture, $"Process {freeze.Process.Pid}{(freeze.Cgroup is { } cgroup ? $" in {cgroup}" : string.Empty)}");

    private static string Explain(RecoveryStatus status) => status switch
    {
        RecoveryStatus.Thawed => "thawed",
        RecoveryStatus.ThawedByGuard => "thawed by the guard of its engine",
        RecoveryStatus.AlreadyRunning => "was no longer frozen",
        RecoveryStatus.TargetExited => "has exited",
        RecoveryStatus.OwnerAlive => "left alone: its engine is alive",
        _ => status.ToString(),
    };
}
