using System.Globalization;
using ConsistentMadvise.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
bool isLong = args.Contains("--long");
string[] names = [.. args.Where(static argument => argument != "--long")];
switch (names)
{
    case ["capture"]:
        await CaptureComparison.RunAsync(isLong);
        return 0;
    case ["window"]:
        await WindowHarness.RunAsync(isLong);
        return 0;
    case ["pause"]:
        await PauseHarness.RunAsync(isLong);
        return 0;
    case ["freeze", .. string[] rest]:
        FreezeComparison.Run(rest, isLong);
        return 0;
    case ["micro", .. string[] rest]:
        MicroBenchmarks.Run(rest, isLong);
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: capture | window | pause | freeze [ptrace|signal|cgroup|two-step|late] [THREADS] | micro [BenchmarkDotNet arguments]   [--long]
              capture   reading a layout, against a bare read loop of the same file
              window    what each step of a transaction takes, by freezer and threads (as root)
              pause     what a live target feels of a large plan, with and without a bound (as root)
              freeze    what a freeze and a thaw cost by freezer and threads, in turns with plain C (as root)
              micro     single functions, with BenchmarkDotNet
              --long    more rounds, for figures to be written down
            """);
        return 2;
}
