using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// The freezer waited for one tracee before it looked at the next. A target that was killed, or called execve(2), in the middle of that waited until its other
/// threads were reaped by their tracer: without a deadline both waited for ever.
/// </summary>
public sealed class AFreezeWaitedForOneThreadBeforeTheOthers
{
    private const int Threads = 100;

    /// <summary>Its leader waits in vfork(2) for a child, where it cannot be stopped but can be killed: so a freeze stays in its middle, with every other thread held.</summary>
    private const string Unstoppable = """
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <signal.h>
        #include <unistd.h>
        static void *sleeper(void *unused) { for (;;) pause(); }
        int main(int count, char **words) {
            pthread_attr_t small; pthread_attr_init(&small); pthread_attr_setstacksize(&small, 65536);
            pthread_t thread;
            for (int i = 1; i < atoi(words[2]); i++) pthread_create(&thread, &small, sleeper, 0);
            printf("%d\n", getpid()); fflush(stdout);
            if (vfork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); for (;;) pause(); }
        }
        """;

    /// <summary>A thread that is not its leader execs its own program again and again while a file named go exists.</summary>
    private const string Executor = """
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <fcntl.h>
        #include <unistd.h>
        static char **words;
        static void *sleeper(void *unused) { for (;;) pause(); }
        static void *executor(void *unused) {
            int files = open(words[1], O_RDONLY | O_CLOEXEC);
            do usleep(1000); while (faccessat(files, "go", F_OK, 0) != 0);
            execl("/proc/self/exe", words[0], words[1], words[2], "again", (char *)0);
            _exit(1);
        }
        int main(int count, char **given) {
            words = given;
            pthread_attr_t small; pthread_attr_init(&small); pthread_attr_setstacksize(&small, 65536);
            pthread_t thread;
            for (int i = 1; i < atoi(words[2]); i++) pthread_create(&thread, &small, sleeper, 0);
            if (count < 4) { printf("%d %s\n", getpid(), words[1]); fflush(stdout); }
            pthread_create(&thread, &small, executor, 0);
            for (;;) pause();
        }
        """;

    [KernelFact(Needs.Ptrace | Needs.Compiler)]
    public void Freeze_KilledWhileAllButOneAreHeld_EndsAndTheTargetIsReaped()
    {
        using CompiledTarget process = CompiledTarget.Start(Unstoppable, $"{Threads}");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        using PtraceFreezer freezer = Create(target);

        Task<TransactionStop> freeze = Freeze(freezer);
        Eventually.Holds(() => ThreadStatus.ReadAll(process.Pid).Count(static thread => thread.IsStopped) == Threads - 1, "all but one are held");
        Assert.False(freeze.IsCompleted, "the freeze is in its middle");
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(process.Pidfd, Uapi.SIGKILL));

        Assert.True(freeze.Wait(Eventually.Patience), "the freeze has exited");
        Assert.Equal(HintStatus.TargetExited, freeze.Result.Status);
        Eventually.Holds(() => !Directory.Exists($"/proc/{process.Pid}"), "the target was reaped");
    }

    [KernelFact(Needs.Ptrace | Needs.Compiler)]
    public void Freeze_TargetExecsMeanwhile_EndsEachTime()
    {
        const int Meetings = 5;
        using CompiledTarget process = CompiledTarget.Start(Executor, $"{Threads}");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        using PtraceFreezer freezer = Create(target);
        int met = 0;

        File.Create($"{process.Words[1]}/go").Dispose();
        long begin = Stopwatch.GetTimestamp();
        while (met < Meetings && Stopwatch.GetElapsedTime(begin) < Eventually.Patience)
        {
            Task<TransactionStop> freeze = Freeze(freezer);
            Assert.True(freeze.Wait(Eventually.Patience), "the freeze has exited");
            met += freeze.Result.Reason == HintReason.Executing ? 1 : 0;
        }

        File.Delete($"{process.Words[1]}/go");
        Assert.Equal(Meetings, met);
        Eventually.Holds(() => ThreadStatus.ReadAll(process.Pid).Count(static thread => thread.TracerPid == 0) == Threads + 1, "it has executed the last program, and runs");
        process.AssertRuns();
    }

    private static PtraceFreezer Create(ProcessTarget target)
    {
        (IFreezer? freezer, _, TransactionStop stop) = Freezers.Create(target, new FreezeRequest(FreezerKind.Ptrace));
        Assert.Equal(TransactionStop.None, stop);
        return Assert.IsType<PtraceFreezer>(freezer);
    }

    /// <summary>Freezes without a deadline, and thaws.</summary>
    private static Task<TransactionStop> Freeze(PtraceFreezer freezer) => Task.Factory.StartNew(
        () =>
        {
            EndlessFreeze freeze = new(freezer);
            bool hasRun = TransactionThread.TryRun(freeze, out bool isGivenUp);
            Assert.True(hasRun && !isGivenUp, "the tracing thread has done its work");
            freezer.ConfirmRelease();
            return freeze.Result;
        },
        TaskCreationOptions.LongRunning);

    private sealed class EndlessFreeze(PtraceFreezer freezer) : IThreadWork
    {
        public TransactionStop Result { get; private set; }

        public bool Run()
        {
            freezer.WarmUp();
            Result = freezer.Freeze(long.MaxValue);
            freezer.Thaw();
            return !freezer.MustEndThread;
        }

        public bool GivesUp() => freezer.GivesUp(out _);
    }
}
