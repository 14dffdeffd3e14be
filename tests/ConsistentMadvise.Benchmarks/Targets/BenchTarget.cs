using System.Diagnostics;
using ConsistentMadvise.KernelTests;

namespace ConsistentMadvise.Benchmarks;

/// <summary>A process whose layout stays as it is while it is measured. It ends with its input.</summary>
internal sealed class BenchTarget : IDisposable
{
    // The shell stays as the parent: .NET waits for its own children, and would take ptrace stops from the tracer.
    private const string KeepTarget = "exec 3<&0; \"$0\" <&3 3<&- & exec 0<&- 1>&- 2>&- 3<&-; wait";

    private const string KeepSingle = "exec 3<&0; cat <&3 3<&- >/dev/null & echo ready $!; exec 0<&- 1>&- 2>&- 3<&-; wait";

    /// <summary>Of libraries that come with the C library, and of two that nearly every system has: each adds some five VMAs.</summary>
    private static readonly string[] Libraries =
    [
        "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2", "libanl.so.1", "libBrokenLocale.so.1",
        "libthread_db.so.1", "libnss_compat.so.2", "libnss_hesiod.so.2", "libc_malloc_debug.so.0", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1",
    ];

    private readonly Process _shell;

    private BenchTarget(Process shell, int pid)
    {
        _shell = shell;
        Pid = pid;
    }

    public int Pid { get; }

    /// <summary>Starts a race target: a .NET process of some two hundred VMAs, which obeys commands.</summary>
    public static BenchTarget Start()
    {
        ProcessStartInfo info = new("/bin/sh", ["-c", KeepTarget, RaceTargetProgram.Path]);
        RaceTargetProgram.Configure(info.Environment);
        return StartBelowShell(info);
    }

    /// <summary>Starts a process of one thread, which sleeps and obeys no commands.</summary>
    public static BenchTarget StartSingle() => StartBelowShell(new ProcessStartInfo("/bin/sh", ["-c", KeepSingle]));

    /// <summary>Starts threads until there are so many, of which some are busy and the others sleep; returns how many there are.</summary>
    public int StartThreads(int count, int busy)
    {
        if (busy > 0)
        {
            Send($"threads {busy} spin");
        }

        int running = Directory.GetDirectories($"/proc/{Pid}/task").Length;
        if (count > running)
        {
            Send($"threads {count - running}");
        }

        return Math.Max(count, running);
    }

    private static BenchTarget StartBelowShell(ProcessStartInfo info)
    {
        Process shell = Launch(info);
        string? ready = shell.StandardOutput.ReadLine();
        return ready is not null && ready.StartsWith("ready ", StringComparison.Ordinal)
            ? new BenchTarget(shell, int.Parse(ready.AsSpan(6)))
            : throw new InvalidOperationException($"The race target did not start: {ready}");
    }

    /// <summary>Starts a small process with some libraries it has no use for: about a hundred VMAs.</summary>
    public static BenchTarget StartSmall()
    {
        ProcessStartInfo info = new("cat") { RedirectStandardError = true };
        info.Environment["LD_PRELOAD"] = string.Join(':', Libraries);
        Process cat = Launch(info);

        // It has loaded everything once it echoes.
        cat.StandardInput.WriteLine("ready");
        return cat.StandardOutput.ReadLine() == "ready" ? new BenchTarget(cat, cat.Id) : throw new InvalidOperationException("cat did not answer.");
    }

    /// <summary>Sends a command to a race target; returns the words after <c>ok</c>.</summary>
    public string[] Send(string command)
    {
        _shell.StandardInput.WriteLine(command);
        string? answer = _shell.StandardOutput.ReadLine();
        return answer is not null && answer.StartsWith("ok", StringComparison.Ordinal)
            ? answer.Split(' ')[1..]
            : throw new InvalidOperationException($"'{command}' was answered with '{answer}'.");
    }

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }

    private static Process Launch(ProcessStartInfo info)
    {
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        Process process = Process.Start(info)!;
        process.StandardInput.AutoFlush = true;
        return process;
    }
}
