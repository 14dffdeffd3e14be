using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>The recovery that an engine starts with, with metrics.</summary>
internal static class EngineRecovery
{
    public static async Task<IReadOnlyList<RecoveredFreeze>> RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<RecoveredFreeze> found = await FreezeRecovery.RecoverAsync(cancellationToken).ConfigureAwait(false);
        foreach (RecoveredFreeze freeze in found.Where(static freeze => freeze.Status != RecoveryStatus.OwnerAlive))
        {
            HintMeters.CountRecovered(JsonNamingPolicy.SnakeCaseLower.ConvertName(freeze.Status.ToString()));
        }

        return found;
    }
}
