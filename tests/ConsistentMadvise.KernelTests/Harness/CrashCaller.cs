using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A process that hints a target and stands still at a phase of its transaction, to be killed there.</summary>
/// <remarks>In a session of its own, so that its process group can be killed without that of the tests.</remarks>
internal sealed class CrashCaller : IDisposable
{
    public const string Command = "transact";

    private const string Kept = "at";
    private const string Go = "go";

    private readonly Process _process;
    private readonly LineQueue _lines;
    private readonly SafeDescriptor _pidfd;
    private SafeDescriptor? _guard;
    private bool _disposed;

    private CrashCaller(Process process)
    {
        _process = process;
        _lines = new LineQueue(process.StandardOutput);
        Assert.Equal(Errno.None, Kernel.PidfdOpen(process.Id, out SafeDescriptor pidfd));
        _pidfd = pidfd;
    }

    public int Pid => _process.Id;

    /// <summary>Its guard; 0 for a freezer that needs none.</summary>
    public int GuardPid { get; private set; }

    /// <summary>The child that it left at the phase; 0 when it forks none.</summary>
    public int ChildPid { get; private set; }

    /// <summary>The directory of its journal; empty for a freezer that needs none.</summary>
    public string Journal { get; private set; } = string.Empty;

    /// <summary>Starts one, and returns when its transaction stands at the phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="pid">The target.</param>
    /// <param name="freezer">How it is held.</param>
    /// <param name="freezeTimeout">The freeze timeout.</param>
    /// <param name="wrapper">A command that changes what it sees, and becomes it by execve(2).</param>
    public static CrashCaller StartAt(TransactionPhase phase, int pid, FreezerKind freezer, TimeSpan? freezeTimeout = null, params string[] wrapper)
    {
        CrashCaller caller = Start(phase, pid, freezer, freezeTimeout, wrapper);
        caller.AwaitPhase();
        return caller;
    }

    /// <summary>Starts one whose pause is limited, and returns when its transaction stands at the phase.</summary>
    public static CrashCaller StartLimited(TransactionPhase phase, int pid, FreezerKind freezer, TimeSpan pauseLimit, bool forks = false)
    {
        CrashCaller caller = Start(phase, pid, freezer, null, [], pauseLimit, forks);
        caller.AwaitPhase();
        return caller;
    }

    /// <summary>Starts one that is prepared for a trouble (<see cref="CallerTrouble"/>), and returns when its transaction stands at the phase.</summary>
    public static CrashCaller StartPrepared(TransactionPhase phase, int pid, FreezerKind freezer, TimeSpan pauseLimit, string trouble)
    {
        CrashCaller caller = Start(phase, pid, freezer, null, [], pauseLimit, forks: trouble == CallerTrouble.ForkedChild, trouble);
        caller.AwaitPhase();
        return caller;
    }

    /// <summary>Starts one, and does not wait for it.</summary>
    public static CrashCaller Start(TransactionPhase phase, int pid, FreezerKind freezer, TimeSpan? freezeTimeout = null, params string[] wrapper) =>
        Start(phase, pid, freezer, freezeTimeout, wrapper, Timeout.InfiniteTimeSpan, forks: false);

    private static CrashCaller Start(
        TransactionPhase phase, int pid, FreezerKind freezer, TimeSpan? freezeTimeout, string[] wrapper, TimeSpan pauseLimit, bool forks, string trouble = "none")
    {
        // Job control stops no process of a session that is its own.
        ProcessStartInfo info = new(trouble == CallerTrouble.JobControl ? "env" : "setsid", wrapper) { RedirectStandardInput = true, RedirectStandardOutput = true };
        RaceTargetProgram.Configure(info.Environment);
        info.ArgumentList.Add(Path.Combine(info.Environment["DOTNET_ROOT"]!, "dotnet"));
        info.ArgumentList.Add(typeof(CrashCaller).Assembly.Location);
        info.ArgumentList.Add(Command);
        info.ArgumentList.Add($"{pid}");
        info.ArgumentList.Add($"{freezer}");
        info.ArgumentList.Add($"{phase}");
        info.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"{(long)(freezeTimeout ?? Eventually.Patience).TotalMilliseconds}"));
        info.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"{(long)pauseLimit.TotalMilliseconds}"));
        info.ArgumentList.Add($"{forks}");
        info.ArgumentList.Add(trouble);
        return new CrashCaller(Process.Start(info)!);
    }

    /// <summary>The other side: <c>transact PID FREEZER PHASE TIMEOUT PAUSELIMIT FORKS TROUBLE</c>, -1 for no limit; with forks it leaves a child at the phase, and says its pid. Transacts once more for each line that comes after a transaction.</summary>
    public static int Run(string[] arguments)
    {
        using ProcessTarget target = ProcessTarget.Open(int.Parse(arguments[0], CultureInfo.InvariantCulture));
        TransactionPhase phase = Enum.Parse<TransactionPhase>(arguments[2]);
        HintOptions options = new()
        {
            Freezer = Enum.Parse<FreezerKind>(arguments[1]),
            FreezeTimeout = TimeSpan.FromMilliseconds(int.Parse(arguments[3], CultureInfo.InvariantCulture)),
            PauseLimit = TimeSpan.FromMilliseconds(int.Parse(arguments[4], CultureInfo.InvariantCulture)),
        };
        CallerTrouble.Prepare(arguments[6]);
        Action standStill = bool.Parse(arguments[5]) ? static () => StandStill(ForkedChild.Leave()) : static () => StandStill(0);
        do
        {
            LayoutSnapshot layout = target.Capture();
            HintPlan plan = HintPlan.Create(layout, Advice.Cold, static vma => vma.IsPrivateAnonymous);
            HintOutcome outcome = TargetTransactions.Run(target, plan, options, PhaseActions.At(phase, standStill), CancellationToken.None);
            Console.Out.WriteLine($"{outcome.Status} {outcome.Reason}");
        }
        while (Console.In.ReadLine() is not null);
        return 0;
    }

    /// <summary>Waits until it stands at its phase.</summary>
    public void AwaitPhase()
    {
        string[] words = Receive().Split(' ');
        while (words[0] != Kept && words[^1] == $"{HintReason.PauseLimitReached}")
        {
            Continue(); // on a busy machine the limit may pass before the phase: with the next transaction
            words = Receive().Split(' ');
        }

        Assert.Equal(Kept, words[0]);
        GuardPid = int.Parse(words[1], CultureInfo.InvariantCulture);
        Journal = words[2];
        ChildPid = int.Parse(words[3], CultureInfo.InvariantCulture);
        _guard?.Dispose();
        _guard = null;
        if (GuardPid != 0)
        {
            Assert.Equal(Errno.None, Kernel.PidfdOpen(GuardPid, out SafeDescriptor guard));
            _guard = guard;
        }
    }

    /// <summary>Lets it go on, from its phase or to its next transaction.</summary>
    public void Continue()
    {
        _process.StandardInput.WriteLine(Go);
        _process.StandardInput.Flush();
    }

    /// <summary>Lets it get into the trouble that it was prepared for, which ends with it.</summary>
    public void BeginTrouble()
    {
        _process.StandardInput.WriteLine(CallerTrouble.Begins);
        _process.StandardInput.Flush();
    }

    /// <summary>Ends its input, so that it exits after its transaction.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for the end of its transaction: status and reason.</summary>
    public string Outcome() => Receive();

    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_pidfd, signal));

    /// <summary>Kills it, without waiting for its end.</summary>
    public void Kill() => Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL));

    /// <summary>Kills its whole process group.</summary>
    public void KillGroup()
    {
        using Process kill = Process.Start("/bin/sh", ["-c", "kill -KILL -\"$0\"", $"{Pid}"]);
        Assert.True(kill.WaitForExit(Eventually.Patience), "kill has exited");
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Kills its guard; returns when that has exited.</summary>
    public void KillGuard()
    {
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_guard!, Uapi.SIGKILL));
        WaitForGuard();
    }

    public void WaitForExit() => Assert.True(_process.WaitForExit(Eventually.Patience), "the caller has exited");

    public void WaitForGuard() => Eventually.Holds(() => HasEnded(_guard!), "the guard has exited");

    /// <summary>Ends it, and its guard if that stood still.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _ = Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL); // ESRCH: the test has killed it
        WaitForExit();
        if (_guard is not null)
        {
            WaitForGuard();
            _guard.Dispose();
        }

        _lines.Dispose();
        _process.Dispose();
        _pidfd.Dispose();
    }

    private static bool HasEnded(SafeDescriptor pidfd) => !Kernel.IsReadable(pidfd, out bool ended).Ok || ended;

    private static void StandStill(int child)
    {
        FreezeJournal? journal = FreezeRecords.Shared.Journal;
        Console.Out.WriteLine($"{Kept} {journal?.Guard?.Identity.Pid ?? 0} {journal?.Path} {child}");
        if (Console.In.ReadLine() == CallerTrouble.Begins)
        {
            CallerTrouble.Begin();
        }
    }

    private string Receive() => _lines.TryTake(Eventually.Patience, out string? line) ? line : throw new RaceTargetException("the caller has said nothing");
}
