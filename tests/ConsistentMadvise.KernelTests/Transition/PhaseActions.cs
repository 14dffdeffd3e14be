namespace ConsistentMadvise.KernelTests;

/// <summary>Acts at phases of a transaction, each action once, and keeps what was seen.</summary>
internal sealed class PhaseActions : ITransactionProbe
{
    private readonly Dictionary<TransactionPhase, Action> _actions = [];

    public List<TransactionPhase> Seen { get; } = [];

    public static PhaseActions At(TransactionPhase phase, Action action) => new PhaseActions().Then(phase, action);

    public PhaseActions Then(TransactionPhase phase, Action action)
    {
        _actions.Add(phase, action);
        return this;
    }

    void ITransactionProbe.At(TransactionPhase phase)
    {
        Seen.Add(phase);
        if (_actions.Remove(phase, out Action? action))
        {
            action();
        }
    }
}
