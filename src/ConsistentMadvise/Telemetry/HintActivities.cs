using System.Diagnostics;

namespace ConsistentMadvise;

/// <summary>The activities that <see cref="HintTelemetry"/> names.</summary>
internal static class HintActivities
{
    private static readonly ActivitySource Source = new(HintTelemetry.ActivitySourceName, typeof(HintActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts an activity; null if there is no listener.</summary>
    public static Activity? Begin(int pid, string advice) =>
        Source.StartActivity(HintTelemetry.TransactionActivity)?.SetTag(HintTelemetry.TargetTag, pid).SetTag(HintTelemetry.AdviceTag, advice);

    public static void End(Activity? activity, string status, string reason, string freezer) =>
        activity?.SetTag(HintTelemetry.StatusTag, status).SetTag(HintTelemetry.ReasonTag, reason).SetTag(HintTelemetry.FreezerTag, freezer);

    public static void Fail(Activity? activity, string status, Exception failure) =>
        activity?.SetTag(HintTelemetry.StatusTag, status)
            .SetTag(HintTelemetry.ErrorTag, failure.GetType().FullName)
            .SetStatus(ActivityStatusCode.Error, failure.Message);
}
