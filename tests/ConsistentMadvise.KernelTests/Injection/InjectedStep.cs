namespace ConsistentMadvise.KernelTests;

/// <summary>A mutation that is sent to a target at a phase, without waiting for it, and how long the transaction then waits before it continues.</summary>
internal sealed record InjectedStep(TransactionPhase Phase, Mutation Mutation, int DelayMicroseconds)
{
    public override string ToString() => $"{Mutation.Name} at {Phase}, then {DelayMicroseconds} us";
}
