using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise.KernelTests;

/// <summary>A program of <c>Programs/</c>, compiled when it is first needed, and running until it is disposed.</summary>
internal sealed class CProgram : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Built = [];

    private readonly Process _process;
    private TestCgroup? _cgroup;

    private CProgram(Process process) => _process = process;

    public int Pid => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <summary>Compiles a program and returns the path of the executable.</summary>
    public static string Build(string name) => Built.GetOrAdd(name, static name => new Lazy<string>(() => Compile(name))).Value;

    public static CProgram Start(string name, params string[] arguments) => StartCommand(Build(name), arguments);

    /// <summary>Starts one that is no child of this process, which is never traced. It must end with its input.</summary>
    public static CProgram StartApart(string name, params string[] arguments) =>
        StartCommand("/bin/sh", ["-c", "exec 3<&0; \"$0\" \"$@\" <&3 3<&- & exec 0<&- 1>&- 3<&-; wait", Build(name), .. arguments]);

    /// <summary>Starts any program in the same way.</summary>
    public static CProgram StartCommand(string path, params string[] arguments)
    {
        ProcessStartInfo info = new(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        RaceTargetProgram.Configure(info.Environment);
        return new CProgram(Process.Start(info)!);
    }

    /// <summary>Puts it, or a child of it, into a cgroup of its own, which is removed when the program has exited.</summary>
    public TestCgroup InCgroup(int pid) => _cgroup = new TestCgroup(pid);

    /// <summary>Waits for its next line; null at the end of its output.</summary>
    public string? ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Eventually.Patience), $"{_process.StartInfo.FileName} has written a line");
        return line.Result;
    }

    public void WriteLine(string line = "")
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Ends its input and waits for its end; returns what is left of its output.</summary>
    public string Finish()
    {
        _process.StandardInput.Close();
        Task<string> output = _process.StandardOutput.ReadToEndAsync();
        Assert.True(_process.WaitForExit(Eventually.Patience), $"{_process.StartInfo.FileName} has exited");
        return output.Result;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.HasExited)
        {
            _process.Kill();
            Assert.True(_process.WaitForExit(Eventually.Patience), "the program has exited");
        }

        _process.Dispose();
        _cgroup?.Dispose();
    }

    private static string Compile(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.{Environment.ProcessId}");
        ProcessStartInfo info = new("cc", ["-O1", "-pthread", "-o", path, Path.Combine(Path.GetDirectoryName(Here())!, "../Programs", $"{name}.c")]) { RedirectStandardError = true };
        using Process compiler = Process.Start(info)!;
        string messages = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, messages);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(path);
        return path;
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
