namespace ConsistentMadvise;

/// <summary>The jobs of one process, in request order. At most one of them runs.</summary>
internal sealed class Lane(ProcessIdentity process)
{
    public ProcessIdentity Process { get; } = process;

    public Queue<HintJob> Waiting { get; } = new();
}
