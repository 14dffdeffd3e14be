using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A traced target with a churning thread, and transactions on memory that the churn leaves alone.</summary>
internal sealed class TracedTransactions : IDisposable, ITransactionProbe
{
    /// <summary>The rate of a target that only follows commands.</summary>
    public const int AtRest = 0;

    private const int PlansPerDrain = 50;
    private const int Pages = 2048;     // a hint takes some hundred microseconds

    private readonly List<(HintStatus Status, HintReason Reason)> _outcomes = [];
    private readonly AddressRange _range;
    private readonly SyscallTrace _trace;

    public TracedTransactions(bool inCgroup = false)
    {
        Target = new PlannedTarget();
        try
        {
            if (inCgroup)
            {
                Target.InCgroup();
            }

            ulong address = Target.Process.MapTouched(Pages);
            _range = new AddressRange(address, address + (ulong)(Pages * Environment.SystemPageSize));
            _trace = SyscallTrace.Start(Target.Process.Pid, Environment.ProcessId);
        }
        catch
        {
            Target.Dispose();
            throw;
        }
    }

    public PlannedTarget Target { get; }

    /// <summary>Whether what is compared is the layout at the precheck, which texts accept whatever the sequence did before.</summary>
    public bool MarksPrecheck { get; init; }

    /// <summary>Where in every second transaction the target gets a command to change its layout, in addition to its churn; nowhere by default.</summary>
    public TransactionPhase MutatesAt { get; init; }

    private string Plan => _outcomes.Count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Applies so many plans, a part of them at each rate of churn.</summary>
    public void Apply(int plans, int[] rates, HintOptions options)
    {
        foreach (int rate in rates)
        {
            if (rate != AtRest)
            {
                Target.Process.StartChurn(rate, seed: rate);
            }

            for (int i = 0; i < plans / rates.Length; i++)
            {
                HintPlan plan = HintPlan.Create(Target.Capture(), Advice.Cold, [_range]);
                _trace.MarkCaptured(Plan);
                HintOutcome outcome = Target.Apply(plan, options, this);
                _outcomes.Add((outcome.Status, outcome.Reason));
                if (i % PlansPerDrain == PlansPerDrain - 1)
                {
                    _trace.Drain(); // however long the transactions take, and however much the churn does meanwhile
                }
            }

            if (rate != AtRest)
            {
                Target.Process.StopChurn();
            }

            _trace.Drain();
        }
    }

    public int Count(HintStatus status) => _outcomes.Count(seen => seen.Status == status);

    public HintStatus StatusOf(string? plan) => _outcomes[int.Parse(plan!, CultureInfo.InvariantCulture)].Status;

    public TraceRecord Stop() => _trace.Stop();

    public void Dispose()
    {
        _trace.Dispose();
        Target.Dispose();
    }

    public override string ToString() =>
        string.Join(", ", _outcomes.GroupBy(static seen => seen).OrderBy(static group => group.Key).Select(static group =>
            $"{group.Count()} {group.Key.Status}{(group.Key.Reason == HintReason.None ? string.Empty : $" ({group.Key.Reason})")}"));

    void ITransactionProbe.At(TransactionPhase phase)
    {
        if (MarksPrecheck && phase == TransactionPhase.Prechecked)
        {
            _trace.MarkCaptured(Plan);
        }

        if (phase == MutatesAt && _outcomes.Count % 2 != 0)
        {
            Target.Process.Protect(Target.Elsewhere, PlannedTarget.Pages, "rw");    // changes nothing, and locks
        }
    }
}
