using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A program that freezes a target while another of its threads waits for any child, as hosts with a reaper of their own do.</summary>
internal static partial class WaitingHost
{
    public const string Command = "waiting-host";

    /// <summary>So many stops of the target must have gone to the other thread.</summary>
    private const int EnoughTaken = 10;

    /// <summary>Freezes a target by ptrace until enough stops were taken, as a process of its own. Returns what it says: the first freeze that did not succeed, or "frozen".</summary>
    /// <param name="pid">The target.</param>
    /// <param name="options">Those of the other thread's <c>waitpid(2)</c>.</param>
    public static string Freeze(int pid, int options)
    {
        ProcessStartInfo info = new() { RedirectStandardOutput = true };
        RaceTargetProgram.Configure(info.Environment);
        info.FileName = Path.Combine(info.Environment["DOTNET_ROOT"]!, "dotnet");
        info.ArgumentList.Add(typeof(WaitingHost).Assembly.Location);
        info.ArgumentList.Add(Command);
        info.ArgumentList.Add($"{pid}");
        info.ArgumentList.Add($"{options}");
        using Process host = Process.Start(info)!;
        string output = host.StandardOutput.ReadToEnd();
        Assert.True(host.WaitForExit(Eventually.Patience));
        return output;
    }

    /// <summary>The other side.</summary>
    public static int Run(string[] arguments)
    {
        int options = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        int taken = 0;
        new Thread(() =>
        {
            while (true)
            {
                if (waitpid(-1, out int status, options) > 0 && new WaitStatus(status).IsStopped)
                {
                    Interlocked.Increment(ref taken);
                }
            }
        })
        { IsBackground = true }.Start();

        using ProcessTarget target = ProcessTarget.Open(int.Parse(arguments[0], CultureInfo.InvariantCulture));
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous);
        HintOptions hint = new() { Freezer = FreezerKind.Ptrace, FreezeTimeout = Eventually.Patience, MaxPause = Timeout.InfiniteTimeSpan };
        long deadline = Stopwatch.GetTimestamp() + (long)(Eventually.Patience.TotalSeconds * Stopwatch.Frequency);
        int freezes = 0;
        while (Volatile.Read(ref taken) < EnoughTaken && Stopwatch.GetTimestamp() < deadline)
        {
            HintOutcome outcome = target.Apply(plan, hint);
            freezes++;
            if (outcome.Status != HintStatus.Applied || outcome.LongestPause > hint.FreezeTimeout)
            {
                Console.Out.Write($"{outcome} {outcome.Message} {outcome.LongestPause} {freezes} taken {taken}");
                return 0;
            }
        }

        Console.Out.Write(taken >= EnoughTaken ? "frozen" : $"of {freezes} freezes {taken} stops were taken");
        return 0;
    }

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, out int status, int options);
}
