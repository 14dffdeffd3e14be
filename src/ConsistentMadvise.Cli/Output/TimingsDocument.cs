namespace ConsistentMadvise.Cli;

/// <summary><see cref="HintTimings"/> in JSON.</summary>
internal sealed record TimingsDocument(
    double PrecheckMicroseconds, double FreezeMicroseconds, double RecheckMicroseconds, double AdviseMicroseconds, double ThawMicroseconds,
    double CollectionsMicroseconds)
{
    public static TimingsDocument Of(HintTimings timings) => new(
        timings.Precheck.TotalMicroseconds,
        timings.Freeze.TotalMicroseconds,
        timings.Recheck.TotalMicroseconds,
        timings.Advise.TotalMicroseconds,
        timings.Thaw.TotalMicroseconds,
        timings.Collections.TotalMicroseconds);
}
