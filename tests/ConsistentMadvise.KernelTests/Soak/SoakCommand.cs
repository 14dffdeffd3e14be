using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ConsistentMadvise.KernelTests;

/// <summary>The soak as a program: <c>dotnet run --project tests/ConsistentMadvise.KernelTests -c Release -- soak --duration 60 --targets 2</c>.</summary>
internal static class SoakCommand
{
    public const string Name = "soak";

    private const int Silent = 1;
    private const int Usage = 2;
    private const int Unfit = 8;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(30);

    public static int Run(string[] arguments)
    {
        Option<int> duration = new("--duration") { Description = "Seconds that new rounds are started for.", DefaultValueFactory = static _ => 60 };
        Option<int> targets = new("--targets") { Description = "Targets at a time, each with a thread that hints it.", DefaultValueFactory = static _ => 2 };
        Option<int> seed = new("--seed") { Description = "Gives kinds of memory and orders of changes.", DefaultValueFactory = static _ => Environment.TickCount };
        Option<int> pause = new("--pause") { Description = "Microseconds between two changes of a target, in the mean.", DefaultValueFactory = static _ => 1000 };
        Option<HintConsistency> consistency = new("--consistency") { Description = "What the transactions promise.", DefaultValueFactory = static _ => HintConsistency.Frozen };
        Option<OmittedStep> without = new("--without") { Description = "A step that they leave out, to see that it is missed.", DefaultValueFactory = static _ => OmittedStep.None };
        Option<bool> pressure = new("--pressure") { Description = "Leave the caller without a free descriptor again and again; one target at a time." };
        Option<bool> noSwap = new("--no-swap") { Description = "Make no swap: file pages only. Removing swap at the end brings back what other processes have there." };
        Option<string?> command = new("--command") { Description = "A command that pages out what CM_PID, CM_RANGES and CM_PLAN (a file) in its environment say, in the library's place." };
        Command soak = new(Name, "Hints targets that change their layout all the time, and counts the hints that landed on other memory. Needs root.");
        foreach (Option option in (Option[])[duration, targets, seed, pause, consistency, without, pressure, noSwap, command])
        {
            soak.Options.Add(option);
        }

        soak.SetAction(result =>
        {
            if (result.GetValue(pressure) && result.GetValue(targets) != 1)
            {
                Console.Error.WriteLine("Descriptors are the whole process's: --pressure needs --targets 1.");
                return Usage;
            }

            if (result.GetValue(targets) is < 1 or > 64 || result.GetValue(duration) < 1 || result.GetValue(pause) is < 1 or > 1_000_000)
            {
                Console.Error.WriteLine("Needs 1 to 64 targets, a duration of 1 second or more, and a pause of 1 to 1000000 microseconds.");
                return Usage;
            }

            SoakSetting[] settings = result.GetValue(command) is { } text
                ? [new SoakSetting(HintConsistency.Frozen, LayoutMatch.Ranges, FreezerKind.Auto, OmittedStep.None) { Hinter = new OtherHinter(text) }]
                : [.. SoakSetting.All(result.GetValue(consistency), result.GetValue(without))];
            return Run(settings, TimeSpan.FromSeconds(result.GetValue(duration)), result.GetValue(targets), result.GetValue(seed), TimeSpan.FromMicroseconds(result.GetValue(pause)), result.GetValue(pressure), result.GetValue(noSwap));
        });
        return new RootCommand { Subcommands = { soak } }.Parse([Name, .. arguments]).Invoke();
    }

    private static int Run(SoakSetting[] settings, TimeSpan duration, int targets, int seed, TimeSpan pause, bool isPressed, bool hasNoSwap)
    {
        if (KernelNeeds.Missing(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf) is { } missing)
        {
            Console.Error.WriteLine(missing);
            return Unfit;
        }

        using ZramSwap? swap = !hasNoSwap && ZramSwap.WhyNot() is null ? new ZramSwap() : null;
        Console.WriteLine($"seed {seed}, {targets} targets, {duration.TotalSeconds:0} s, a change each {pause.TotalMicroseconds:0} us, {(swap is null ? "no swap: file pages only" : "swap: file and anonymous pages")}");
        foreach (string switchFile in MachineReclaim.Switches())
        {
            Console.WriteLine($"The machine pages out by itself, and what it takes of a canary is counted as mis-hinted: write off to {switchFile} for the run.");
        }

        TextWriter progress = Console.Error; // opened while a descriptor is free
        using CancellationTokenSource done = new();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            done.Cancel();
        }

        // Both: a shell starts what it puts into the background with SIGINT ignored.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        long begin = Stopwatch.GetTimestamp();
        SoakLane[] lanes = [.. Enumerable.Range(0, targets).Select(i => new SoakLane(seed + i, pause, swap is not null, isPressed))];
        Task[] running = [.. lanes.Select(lane => Task.Factory.StartNew(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    lane.RunRounds(settings, done.Token);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task all = Task.WhenAll(running);
        while (Stopwatch.GetElapsedTime(begin) < duration && !all.IsCompleted && !done.IsCancellationRequested)
        {
            TimeSpan left = duration - Stopwatch.GetElapsedTime(begin);
            ((IAsyncResult)all).AsyncWaitHandle.WaitOne(left < ProgressEvery ? left : ProgressEvery);
            progress.WriteLine($"{Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s: {lanes.Sum(static lane => lane.Attempts)} attempts");
        }

        done.Cancel();
        all.GetAwaiter().GetResult();
        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        SoakCounts total = SoakReport.Write(Console.Out, settings, lanes);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total.Attempts / took.TotalSeconds:0} transactions a second, {took.TotalSeconds:0} s"));
        return total.MisHints == 0 && total.CalledGone == 0 ? 0 : Silent;
    }
}
