namespace ConsistentMadvise.KernelTests;

/// <summary>What works on the target from outside of it, or against its being held.</summary>
internal sealed partial class RaceTargetProcess
{
    private readonly List<UserfaultManager> _managers = [];

    /// <summary>Makes this process the manager of the target's page faults in a range.</summary>
    public UserfaultManager ManageFaults(ulong address, int pages)
    {
        UserfaultManager manager = new(Pidfd, (int)Number(Send("userfault")[0]), address, pages);
        _managers.Add(manager);
        return manager;
    }

    /// <summary>Has a child of the target trace its parent; returns the child's process id.</summary>
    public int StartTracer()
    {
        int pid = (int)Number(Send("traced")[0]);
        _offspring.Add(OpenPidfd(pid));
        return pid;
    }

    /// <summary>Ends that tracer.</summary>
    public void EndTracer() => Send("untraced");

    /// <summary>Has the target continue itself once.</summary>
    public void ContinueItself() => Send("cont");

    /// <summary>Has a thread continue the target again and again.</summary>
    public void StartContinuing() => Send("contstorm start");

    public void StopContinuing() => Send("contstorm stop");
}
