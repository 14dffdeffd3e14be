namespace ConsistentMadvise.KernelTests;

/// <summary>The kernel's two counts: who uses an address space, and how many threads a process has.</summary>
public sealed class UsersReaderTests
{
    private static UsersReader Reader => UsersReader.Shared ?? throw new InvalidOperationException("this kernel does not let users be counted");

    [KernelFact(Needs.Bpf | Needs.X64)]
    public void TryRead_ThreadsAndSharers_CountAsTheyAre()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.StartThreads(5);
        int threads = ThreadStatus.ReadAll(process.Pid).Count;
        AssertCounts(process.Pid, (threads, threads));

        process.Fork();
        AssertCounts(process.Pid, (threads, threads));

        Sharer first = process.StartSharer();
        AssertCounts(process.Pid, (threads + 1, threads));
        AssertCounts(first.Pid, (threads + 1, 1));

        process.StartSharerOf(first);
        AssertCounts(process.Pid, (threads + 2, threads));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.X64)]
    public void TryRead_VforkParent_HasOneMoreUser()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.StartSharer(vfork: true);

        Eventually.Holds(() => Reader.TryRead(process.Pid, out int users, out int threads, out _) && users == threads + 1, "the child is counted, and nothing else");
    }

    /// <remarks>But for a thread that is created between the two reads: then the second shows one more than any read before.</remarks>
    [KernelFact(Needs.Bpf)]
    public void TryRead_ThreadsAreCloned_NeverFewerUsersThanThreads()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        int most = ThreadStatus.ReadAll(process.Pid).Count;
        for (int i = 0; i < Effort.Times(500); i++)
        {
            process.Post("thread");
            for (int read = 0; read < 20; read++)
            {
                Assert.True(Reader.TryRead(process.Pid, out int users, out int threads, out _));
                int created = Math.Max(0, threads - most);
                Assert.True(users >= threads - created, $"{users} users, {threads} threads");
                most += created;
            }

            process.Accept("thread");
        }

        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_NoProcessOrLeaderExited_IsNotRead()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.ExitLeader();

        Assert.False(Reader.TryRead(process.Pid, out _, out _, out _));
        Assert.False(Reader.TryRead(int.MaxValue, out _, out _, out _));
    }

    /// <remarks>What looks at the process meanwhile (a reader of its maps, of its status) is a user of its address space for that long.</remarks>
    private static void AssertCounts(int pid, (int Users, int Threads) expected)
    {
        (int Users, int Threads) read = default;
        Eventually.Holds(() => Reader.TryRead(pid, out read.Users, out read.Threads, out _) && read == expected, $"{expected} are counted");
    }
}
