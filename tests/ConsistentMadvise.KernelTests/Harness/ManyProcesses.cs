using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>Processes that do nothing. They all read from one pipe and end with it, so that none outlives the tests.</summary>
internal sealed class ManyProcesses : IDisposable
{
    // Background jobs read /dev/null, unless redirected.
    private const string Start = "exec 3<&0; i=0; while [ $i -lt $0 ]; do cat <&3 >/dev/null & echo $!; i=$((i+1)); done; exec 0<&- 3<&-; wait";

    private readonly Process _shell;

    public ManyProcesses(int count)
    {
        ProcessStartInfo info = new("/bin/sh", ["-c", Start, count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _shell = Process.Start(info)!;
        Pids = [.. Enumerable.Range(0, count).Select(_ => int.Parse(_shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture))];
    }

    public HashSet<int> Pids { get; }

    public void Dispose()
    {
        _shell.StandardInput.Close();
        Assert.True(_shell.WaitForExit(Eventually.Patience), "the shell has seen its children end");
        _shell.Dispose();
    }
}
