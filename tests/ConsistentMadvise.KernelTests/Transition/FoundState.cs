using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Puts a target into a state in which a transaction may find it, and takes it out again.</summary>
internal sealed class FoundState : IDisposable
{
    private readonly PlannedTarget _target;
    private readonly string _name;
    private readonly ManualResetEventSlim _seized = new();
    private readonly ManualResetEventSlim _done = new();
    private Thread? _tracer;

    public FoundState(PlannedTarget target, string name)
    {
        _target = target;
        _name = name;
        if (name == "StoppedWithManyThreads")
        {
            target.Process.StartThreads(32);
        }

        target.InCgroup(nested: name == "BelowAFrozenCgroup");
        Plan = target.Plan();
        Enter();
    }

    /// <summary>A plan from before: what is stopped can make none of its pages known.</summary>
    public HintPlan Plan { get; }

    /// <summary>Whether what others hold is still held.</summary>
    public bool StillHolds => _name switch
    {
        "InAFrozenCgroup" => _target.Cgroup.IsFrozen && _target.Cgroup.IsSetFrozen,
        "BelowAFrozenCgroup" => _target.Cgroup.IsParentSetFrozen && _target.Cgroup.IsFrozen && !_target.Cgroup.IsSetFrozen,
        _ => !_target.Cgroup.IsFrozen,
    };

    public void Undo()
    {
        switch (_name)
        {
            case "Stopped" or "StoppedWithManyThreads":
                _target.Process.Continue();
                break;
            case "InAFrozenCgroup":
                _target.Cgroup.Freeze(false);
                break;
            case "BelowAFrozenCgroup":
                _target.Cgroup.FreezeParent(false);
                break;
        }

        EndTracer();
        Eventually.Holds(() => ThreadStatus.ReadAll(_target.Process.Pid).All(static thread => thread.TracerPid == 0), "the other tracer has detached");
    }

    public void Dispose()
    {
        EndTracer();
        _seized.Dispose();
        _done.Dispose();
    }

    private void Enter()
    {
        switch (_name)
        {
            case "Stopped" or "StoppedWithManyThreads":
                _target.Process.StopItself();
                break;
            case "InAFrozenCgroup":
                _target.Cgroup.Freeze(true);
                break;
            case "BelowAFrozenCgroup":
                _target.Cgroup.FreezeParent(true);
                break;
            case "TracedByAnother":
                _tracer = new Thread(Trace);
                _tracer.Start();
                _seized.Wait();
                break;
        }
    }

    private void Trace()
    {
        Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_SEIZE, _target.Process.Pid, 0));
        _seized.Set();
        _done.Wait();
    }

    private void EndTracer()
    {
        _done.Set();
        _tracer?.Join();
        _tracer = null;
    }
}
