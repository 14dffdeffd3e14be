using System.Globalization;
using System.Reflection;
using ConsistentMadvise;
using ConsistentMadvise.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// The command of this build is the guard and the helper. An environment variable names another, such as one compiled ahead.
GuardBinary.Given = Environment.GetEnvironmentVariable("CM_COMMAND")
    ?? typeof(Samples).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Command").Value;
bool isLong = args.Contains("--long");
string[] names = [.. args.Where(static argument => argument != "--long")];
switch (names)
{
    case ["capture"]:
        await CaptureComparison.RunAsync(isLong);
        return 0;
    case ["recheck"]:
        RecheckComparison.Run(isLong);
        return 0;
    case ["window"]:
        await WindowHarness.RunAsync(isLong);
        return 0;
    case ["pause"]:
        await PauseHarness.RunAsync(isLong);
        return 0;
    case ["collections"]:
        await CollectionHarness.RunAsync(isLong);
        return 0;
    case ["exits", .. string[] rest]:
        ExitHarness.Run(rest, isLong);
        return 0;
    case ["helper"]:
        await HelperHarness.RunAsync(isLong);
        return 0;
    case ["freeze", .. string[] rest]:
        FreezeComparison.Run(rest, isLong);
        return 0;
    case ["micro", .. string[] rest]:
        MicroBenchmarks.Run(rest, isLong);
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: capture | recheck | window | pause | collections | helper | exits [THREADS] | freeze [ptrace|signal|cgroup|two-step|late] [THREADS] | micro [BenchmarkDotNet arguments]   [--long]
              capture   reading a layout, against a bare read loop of the same file
              recheck   comparing planned ranges: by sequences of VMAs, by queries, by the text (as root)
              window    what each step of a transaction takes, by freezer and threads (as root)
              pause     what a live target feels of a large plan, with and without a bound (as root)
              collections  what collections of the caller do to the pause (as root)
              exits     what transactions do to a target that calls execve(2) or is killed (as root)
              helper    what a transaction costs that a helper runs, in turns with the caller's own (as root)
              freeze    what a freeze and a thaw cost by freezer and threads, in turns with plain C (as root)
              micro     single functions, with BenchmarkDotNet
              --long    more rounds, for figures to be written down
            """);
        return 2;
}
