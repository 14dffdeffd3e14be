using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Who is found to share an address space, by kcmp(2) alone.</summary>
public sealed class SharerSearchTests
{
    [KernelFact(Needs.Ptrace)]
    public void Run_TargetWithThreadsAndAForkedChild_FindsNoSharer()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        process.StartThreads(8);
        process.Fork();
        SharerSearch search = new(target);

        search.Run();
        Assert.Empty(search.Found.ToArray());
        process.StartThreads(8);
        search.Run();

        Assert.Empty(search.Found.ToArray());
        process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.X64)]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_SharerThereBefore_IsFound(bool vfork)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Sharer sharer = process.StartSharer(vfork);
        SharerSearch search = new(target);

        search.Run();

        Assert.Equal([sharer.Pid], search.Found.ToArray());
    }

    [KernelFact(Needs.Ptrace | Needs.X64)]
    public void Run_SharersThatComeAndGoBetweenTwoSearches_AreFoundAndForgotten()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        SharerSearch search = new(target);
        search.Run();
        for (int i = 0; i < 20; i++)
        {
            process.StartThread();
            Sharer sharer = process.StartSharer();
            search.Run();
            Assert.Equal([sharer.Pid], search.Found.ToArray());
            search.Run();
            Assert.Equal([sharer.Pid], search.Found.ToArray());

            sharer.Exit();
            search.Run();
            Assert.Empty(search.Found.ToArray());
        }

        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.X64)]
    public void Run_SharerOfASharerAndOneWhoseParentExited_AreFound()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Sharer sharer = process.StartSharer();
        int second = process.StartSharerOf(sharer);
        SharerSearch search = new(target);

        search.Run();
        Assert.Equal([.. new[] { sharer.Pid, second }.Order()], search.Found.ToArray()); // pids wrap
        Assert.Equal(Errno.None, Kernel.PidfdOpen(sharer.Pid, out SafeDescriptor pidfd));
        using SafeDescriptor first = pidfd;
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(first, Uapi.SIGKILL));
        Eventually.Holds(() => Kernel.PidfdSendSignal(first, 0) == Errno.ESRCH, "the first sharer has exited");
        search.Run();

        Assert.Equal([second], search.Found.ToArray());
        Assert.Equal([second], SearchAfresh(target));
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.X64)]
    public void Run_LeaderOfTheSharerExits_IsFoundIfKnownOrByAThoroughSearch()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Sharer sharer = process.StartSharer();
        SharerSearch search = new(target);
        search.Run();

        sharer.EndLeader();
        search.Run();
        Assert.Equal([sharer.Pid], search.Found.ToArray());

        SharerSearch another = new(target);
        another.Run(isThorough: true);
        Assert.Equal([sharer.Pid], another.Found.ToArray());
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.X64)]
    public void Run_AfterTheTargetsExec_FindsNoSharer()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Sharer sharer = process.StartSharer();
        Assert.Equal([sharer.Pid], SearchAfresh(target));

        process.Exec();

        Assert.Empty(SearchAfresh(target));
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.X64)]
    public void Run_TargetOrSharerExited_FindsNoProcessWithoutAnAddressSpace()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        process.Exit(0);
        Assert.Empty(SearchAfresh(target));

        using RaceTargetProcess other = RaceTargetProcess.Start();
        using ProcessTarget threadGroupLeaderExited = ProcessTarget.Open(other.Pid);
        other.ExitLeader();
        Assert.Empty(SearchAfresh(threadGroupLeaderExited));
    }

    [KernelFact(Needs.Ptrace)]
    public void Run_OnceWarm_AllocatesNothing()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        SharerSearch search = new(target);
        search.Run();
        search.Run();

        long least = long.MaxValue;
        for (int i = 0; i < 20 && least != 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            search.Run();
            search.AssumeNone(0);
            search.Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before); // a search of more processes than ever before needs more room
        }

        Assert.Equal(0, least);
    }

    private static int[] SearchAfresh(ProcessTarget target)
    {
        SharerSearch search = new(target);
        search.Run();
        return search.Found.ToArray();
    }
}
