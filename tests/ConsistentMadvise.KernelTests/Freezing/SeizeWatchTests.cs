using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>The help for a PTRACE_SEIZE that takes long, from another thread.</summary>
public sealed class SeizeWatchTests
{
    [KernelFact(Needs.Ptrace)]
    public void GivesUp_ATraceeHasStopped_LeavesItsStopToTheTracer()
    {
        using PlannedTarget target = new();
        target.Process.StopItself(); // a thread that is stopped already traps as soon as it is seized
        int pid = target.Process.Pid;
        OwnThread.Run(() =>
        {
            Assert.Equal(Errno.None, ThreadList.Open(target.Target, out ThreadList? threads));
            using ThreadList list = threads!;
            TraceeTable tracees = new(list.Capacity);
            SeizeWatch watch = new(tracees, list);
            Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_SEIZE, pid, 0));
            tracees.Add(pid);
            Eventually.Holds(() => list.LookAt(pid, out ThreadLook look).Ok && look.State == 't', "it has trapped");
            watch.Begin();
            watch.Enter(Stopwatch.GetTimestamp() - (Stopwatch.Frequency / 10), long.MaxValue);

            bool givesUp = true;
            OwnThread.Run(() => givesUp = watch.GivesUp(out _));
            watch.Leave();

            Assert.Equal((false, false, 1), (givesUp, watch.HasReaped, tracees.Count));
            Assert.Equal(Errno.None, Kernel.WaitTracee(pid, out int waited, out int status));
            Assert.Equal((pid, true), (waited, new WaitStatus(status).IsStopped));
            Assert.Equal(Errno.None, Kernel.Ptrace(Uapi.PTRACE_DETACH, pid, 0));
        });
        target.Process.Continue();
        target.Process.AssertRuns();
    }
}
