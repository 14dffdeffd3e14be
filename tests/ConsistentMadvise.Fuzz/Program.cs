using ConsistentMadvise.Fuzz;
using SharpFuzz;

if (args.Length == 0 || FuzzTarget.Find(args[0]) is not { } target)
{
    Console.Error.WriteLine($"usage: fuzz TARGET [FILE...], where TARGET is one of {string.Join(", ", FuzzTarget.All.Select(static known => known.Name))}");
    Console.Error.WriteLine("Without files it runs under afl-fuzz (see run.sh), or reads one input from its standard input.");
    return 2;
}

if (args.Length == 1)
{
    Fuzzer.OutOfProcess.Run(target.Run);
    return 0;
}

foreach (string file in args[1..])
{
    // Before the run, so that the last line names the file when the run ends the process.
    Console.WriteLine(file);
    target.Run(File.ReadAllBytes(file));
}

return 0;
