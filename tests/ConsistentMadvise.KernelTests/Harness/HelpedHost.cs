using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A process whose transactions a helper runs, to be stopped or killed.</summary>
internal sealed class HelpedHost : IDisposable
{
    public const string Command = "helped-host";

    private readonly Process _process;
    private readonly LineQueue _lines;
    private readonly SafeDescriptor _pidfd;

    /// <summary>Starts one; it applies a plan on request.</summary>
    public HelpedHost(int target, FreezerKind freezer, string helper)
    {
        ProcessStartInfo info = new("setsid") { RedirectStandardInput = true, RedirectStandardOutput = true };
        RaceTargetProgram.Configure(info.Environment);
        info.ArgumentList.Add(Path.Combine(info.Environment["DOTNET_ROOT"]!, "dotnet"));
        info.ArgumentList.Add(typeof(HelpedHost).Assembly.Location);
        info.ArgumentList.Add(Command);
        info.ArgumentList.Add($"{target}");
        info.ArgumentList.Add($"{freezer}");
        info.ArgumentList.Add(helper);
        _process = Process.Start(info)!;
        _lines = new LineQueue(_process.StandardOutput);
        Assert.Equal(Errno.None, Kernel.PidfdOpen(_process.Id, out SafeDescriptor pidfd));
        _pidfd = pidfd;
    }

    public int Pid => _process.Id;

    /// <summary>The other side: <c>helped-host PID FREEZER HELPER</c>.</summary>
    public static int Run(string[] arguments)
    {
        HelperProcess.Given = arguments[2];
        using ProcessTarget target = ProcessTarget.Open(int.Parse(arguments[0], CultureInfo.InvariantCulture));
        HintOptions options = new()
        {
            Host = TransactionHost.Helper,
            Freezer = Enum.Parse<FreezerKind>(arguments[1]),
            FreezeTimeout = Eventually.Patience,
            PauseLimit = Timeout.InfiniteTimeSpan,
        };
        while (Console.In.ReadLine() is not null)
        {
            HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous);
            HintOutcome outcome = target.Apply(plan, options);
            Console.Out.WriteLine($"{outcome.Status} {outcome.Reason}");
        }

        return 0;
    }

    /// <summary>Has it apply a plan.</summary>
    public void Begin()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
    }

    /// <summary>Status and reason.</summary>
    public string Outcome() => _lines.TryTake(Eventually.Patience, out string? line) ? line : throw new RaceTargetException("the host has said nothing");

    public void Signal(int signal) => Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_pidfd, signal));

    public void WaitUntilStopped() => Eventually.Holds(() => ThreadStatus.ReadAll(Pid).All(static thread => thread.IsStopped), "the host is stopped");

    public void Dispose()
    {
        _ = Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL); // ESRCH: the test has killed it
        Assert.True(_process.WaitForExit(Eventually.Patience), "the host has exited");
        _lines.Dispose();
        _process.Dispose();
        _pidfd.Dispose();
    }
}
