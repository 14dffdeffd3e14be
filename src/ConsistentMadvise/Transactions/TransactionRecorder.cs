using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>Reports each transaction to telemetry, once, after its target runs again.</summary>
internal static class TransactionRecorder
{
    public static HintOutcome Run(int pid, Advice advice, Func<HintOutcome> transaction) => Run(pid, advice, transaction, static run => run());

    /// <summary>The same without a closure: the transaction's argument is passed along.</summary>
    public static HintOutcome Run<T>(int pid, Advice advice, T argument, Func<T, HintOutcome> transaction)
    {
        string name = advice.ToString();
        using Activity? activity = HintActivities.Begin(pid, name);
        HintOutcome outcome;
        try
        {
            outcome = transaction(argument);
        }
        catch (Exception failure)
        {
            string status = failure is OperationCanceledException ? "cancelled" : "failed";
            HintMeters.CountTransaction(status, name, failure.GetType().FullName);
            HintActivities.Fail(activity, status, failure);
            throw;
        }

        Record(activity, name, outcome);
        return outcome;
    }

    private static void Record(Activity? activity, string advice, HintOutcome outcome)
    {
        string status = TextOf(outcome.Status);
        string freezer = outcome.Freezer is { } kind ? TextOf(kind) : "none";
        HintMeters.CountTransaction(status, advice, error: null);
        HintMeters.AddBytes(advice, outcome.BytesPlanned, outcome.BytesAdvised);
        if (outcome.LongestPause > TimeSpan.Zero)
        {
            HintMeters.RecordPause(freezer, outcome.LongestPause);
        }

        HintActivities.End(activity, status, TextOf(outcome.Reason), freezer);
    }

    private static string TextOf<T>(T value)
        where T : struct, Enum => TextsOf<T>.Known.GetOrAdd(value, static value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    /// <summary>Each text is created once.</summary>
    private static class TextsOf<T>
        where T : struct, Enum
    {
        public static readonly ConcurrentDictionary<T, string> Known = [];
    }
}
