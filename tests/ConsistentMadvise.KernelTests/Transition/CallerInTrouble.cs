using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A caller that something happens to while it holds its target. Disposing it ends the caller.</summary>
internal sealed class CallerInTrouble : IDisposable
{
    private readonly CrashCaller _caller;
    private readonly SafeDescriptor? _child;
    private TestCgroup? _frozen;
    private string? _quota;

    public CallerInTrouble(CrashCaller caller, string what)
    {
        _caller = caller;
        if (caller.ChildPid != 0)
        {
            Assert.Equal(Errno.None, Kernel.PidfdOpen(caller.ChildPid, out _child));
        }

        switch (what)
        {
            case "hung":
                break;
            case "SIGSTOP":
                caller.Signal(Uapi.SIGSTOP);
                break;
            case CallerTrouble.JobControl:
                caller.Signal(Uapi.SIGTSTP);
                Eventually.Holds(() => ThreadStatus.ReadAll(caller.Pid).All(static thread => thread.IsStopped), "the caller is stopped");
                break;
            case "own cgroup frozen":
                _frozen = new TestCgroup(caller.Pid);
                _frozen.Freeze(true);
                break;
            case "killed" or CallerTrouble.ForkedChild:
                caller.Kill();
                break;
            case CallerTrouble.Throttled:
                _quota = CallerTrouble.Throttle(caller.Pid);
                caller.BeginTrouble();
                break;
            default:
                caller.BeginTrouble();
                break;
        }
    }

    /// <summary>What this machine lacks for one of them; null when it lacks nothing.</summary>
    public static string? WhatIsMissing(string what) => what switch
    {
        CallerTrouble.CoreDump => File.ReadAllText("/proc/sys/kernel/core_pattern") == "core\n" ? null : "kernel.core_pattern is another than core",
        CallerTrouble.Throttled => CallerTrouble.QuotaRoot is null ? "there is no cgroup with a processor quota" : null,
        _ => null,
    };

    public void Dispose()
    {
        _frozen?.Freeze(false);
        if (_child is { IsClosed: false })
        {
            Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_child, Uapi.SIGKILL)); // it holds the output of the caller
            _child.Dispose();
        }

        _caller.Dispose();
        _frozen?.Dispose();
        _frozen = null;
        if (_quota is { } quota)
        {
            Eventually.Holds(() => TryRemove(quota), "the throttled group is empty");
            _quota = null;
        }

        if (Directory.Exists(CallerTrouble.CoreDirectory))
        {
            Directory.Delete(CallerTrouble.CoreDirectory, recursive: true);
        }
    }

    private static bool TryRemove(string group)
    {
        try
        {
            Directory.Delete(group);
            return true;
        }
        catch (IOException)
        {
            return false; // EBUSY: a process is still being released
        }
    }
}
