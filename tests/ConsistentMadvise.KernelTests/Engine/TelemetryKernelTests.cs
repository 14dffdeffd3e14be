using System.Diagnostics.Metrics;

namespace ConsistentMadvise.KernelTests;

/// <summary>Nothing is recorded while a target is held: listeners are anyone's code, and may take any time.</summary>
public sealed class TelemetryKernelTests
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    public void Measurement_WhenItIsRecorded_TheTargetRuns(FreezerKind freezer)
    {
        using PlannedTarget planned = new();
        List<string> recorded = [];
        int thread = Environment.CurrentManagedThreadId;
        void Look(Instrument instrument)
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                recorded.Add(instrument.Name);
                planned.Process.AssertRuns();
            }
        }

        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == HintTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Look(instrument));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Look(instrument));
        listener.Start();

        HintOutcome outcome = planned.Apply(new HintOptions { Freezer = freezer });

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.Equal([HintTelemetry.Transactions, HintTelemetry.PlannedBytes, HintTelemetry.AdvisedBytes, HintTelemetry.PauseDuration], recorded);
        planned.Process.AssertRuns();
    }
}
