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
        Assert.Equal((threads, threads), Read(process.Pid));

        process.Fork();
        Assert.Equal((threads, threads), Read(process.Pid));

        Sharer first = process.StartSharer();
        Assert.Equal((threads + 1, threads), Read(process.Pid));
        Assert.Equal((threads + 1, 1), Read(first.Pid));

        process.StartSharerOf(first);
        Assert.Equal((threads + 2, threads), Read(process.Pid));
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.X64)]
    public void TryRead_VforkParent_HasAUserMore()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.StartSharer(vfork: true);

        (int users, int threads) = Read(process.Pid);

        Assert.Equal(threads + 1, users);
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_ThreadsAreBornAndDie_NeverFewerUsersThanThreads()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        for (int i = 0; i < Effort.Times(500); i++)
        {
            process.Post("thread");
            for (int read = 0; read < 20; read++)
            {
                Assert.True(Reader.TryRead(process.Pid, out int users, out int threads, out _));
                Assert.True(users >= threads, $"{users} users, {threads} threads");
            }

            process.Accept("thread");
        }

        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void TryRead_NobodyOrLeaderEnded_IsNotRead()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.ExitLeader();

        Assert.False(Reader.TryRead(process.Pid, out _, out _, out _));
        Assert.False(Reader.TryRead(int.MaxValue, out _, out _, out _));
    }

    private static (int Users, int Threads) Read(int pid)
    {
        Assert.True(Reader.TryRead(pid, out int users, out int threads, out _));
        return (users, threads);
    }
}
