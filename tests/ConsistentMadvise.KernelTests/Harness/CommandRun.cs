using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>The command <c>cmadvise</c> as a process of its own, running or ended.</summary>
internal sealed class CommandRun : IDisposable
{
    /// <summary>For an <c>apply</c> that must succeed on a busy machine, too.</summary>
    public static readonly string[] Patient = ["--freeze-timeout", "30s"];

    private static readonly string Program = typeof(CommandRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static data => data.Key == "Command").Value!;

    private readonly Process _process;
    private readonly TaskCompletionSource _hasOutput = new();
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private CommandRun(Process process)
    {
        _process = process;
        _output = ReadAsync(process.StandardOutput);
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The executable.</summary>
    public static string Path => Program;

    public int Pid => _process.Id;

    public int ExitCode => _process.ExitCode;

    public string Output => _output.Result;

    public string Error => _error.Result;

    /// <summary>Runs it to its end.</summary>
    public static CommandRun Of(params string[] arguments) => Start(arguments).Wait();

    /// <summary>Runs it to its end after a command that changes what it may do or sees, such as <c>unshare</c>.</summary>
    public static CommandRun Under(string[] wrapper, params string[] arguments) => StartProgram(wrapper[0], [.. wrapper[1..], Program, .. arguments]).Wait();

    /// <summary>Runs it to its end in a mount namespace of its own, after a shell has changed the mounts.</summary>
    public static CommandRun AfterMounts(string script, params string[] arguments) =>
        Under(["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c", $"{script}\nexec \"$0\" \"$@\""], arguments);

    /// <summary>Runs it to its end, without one capability.</summary>
    public static CommandRun Without(string capability, params string[] arguments) =>
        StartProgram("setpriv", [$"--bounding-set=-{capability}", Program, .. arguments]).Wait();

    /// <summary>Runs it to its end, without any of the capabilities that let the sequence be read.</summary>
    public static CommandRun WithoutSequence(params string[] arguments) =>
        StartProgram("setpriv", ["--bounding-set=-bpf,-perfmon,-sys_admin", Program, .. arguments]).Wait();

    /// <summary>Runs it to its end, as a user without any right.</summary>
    public static CommandRun AsNobody(params string[] arguments) =>
        StartProgram("setpriv", ["--reuid=65534", "--clear-groups", Program, .. arguments]).Wait();

    /// <summary>Runs it to its end, with a text on its stdin.</summary>
    public static CommandRun WithInput(string input, params string[] arguments)
    {
        CommandRun run = Start(arguments);
        try
        {
            run._process.StandardInput.Write(input);
        }
        catch (IOException)
        {
            // EPIPE: it has exited without reading all of it. What it says is for the test to judge.
        }

        return run.Wait();
    }

    /// <summary>Runs it to its end from a shell, which prepares what it inherits: the script runs it as <c>"$@"</c>.</summary>
    public static CommandRun FromShell(string script, params string[] arguments) => StartFromShell(script, arguments).Wait();

    /// <summary>Starts it from a shell in the same way; with <c>exec</c> in the script it has the shell's pid.</summary>
    public static CommandRun StartFromShell(string script, params string[] arguments) =>
        StartProgram("/bin/sh", ["-c", script, "sh", Program, .. arguments]);

    /// <summary>Runs it to its end in other surroundings: a program makes them, and a shell script in them ends with <c>exec "$0" "$@"</c>, which is the command.</summary>
    public static CommandRun In(string[] surroundings, string script, params string[] arguments) =>
        StartProgram(surroundings[0], [.. surroundings[1..], "/bin/sh", "-c", script, Program, .. arguments]).Wait();

    /// <summary>Starts it. Interrupts reach it also when the tests themselves ignore them, as a shell's background jobs do: what is ignored stays so for children.</summary>
    public static CommandRun Start(params string[] arguments) => StartProgram("env", ["--default-signal=INT", Program, .. arguments]);

    public CommandRun Wait()
    {
        _process.StandardInput.Close();
        Assert.True(_process.WaitForExit(Eventually.Patience), "the command has exited");
        return this;
    }

    /// <summary>Waits until it has written to stdout.</summary>
    public void WaitForOutput() => Assert.True(_hasOutput.Task.Wait(Eventually.Patience), "the command has written something");

    /// <summary>Interrupts it, as Ctrl-C does.</summary>
    public void Interrupt()
    {
        const int SIGINT = 2;
        Assert.Equal(Errno.None, Kernel.PidfdOpen(Pid, out SafeDescriptor descriptor));
        using SafeDescriptor pidfd = descriptor;
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(pidfd, SIGINT));
    }

    /// <summary>Asserts how it ended, that it wrote no stack trace, and that each line of its stdout is a JSON object; returns the only one.</summary>
    public JsonElement AssertJson(int exitCode)
    {
        AssertEnded(exitCode);
        string line = Assert.Single(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using JsonDocument document = JsonDocument.Parse(line);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        return document.RootElement.Clone();
    }

    /// <summary>Asserts how it ended, and returns the JSON object of each line of its stdout.</summary>
    public JsonElement[] AssertLines(int exitCode)
    {
        AssertEnded(exitCode);
        return [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        })];
    }

    /// <summary>Asserts that it ended so with a sentence on stderr, and nothing on stdout.</summary>
    public void AssertFailed(int exitCode, string sentence)
    {
        AssertEnded(exitCode);
        Assert.Empty(Output);
        Assert.Contains(sentence, Error, StringComparison.Ordinal);
    }

    /// <summary>Asserts how it ended, and that it wrote no stack trace.</summary>
    public void AssertEnded(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\nstdout: {Output}\nstderr: {Error}");
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            Assert.True(_process.WaitForExit(Eventually.Patience), "the command has exited");
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync(StreamReader output)
    {
        char[] first = new char[1];
        int count = await output.ReadAsync(first);
        _hasOutput.SetResult();
        return new string(first, 0, count) + await output.ReadToEndAsync();
    }

    private static CommandRun StartProgram(string program, string[] arguments)
    {
        ProcessStartInfo info = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        RaceTargetProgram.Configure(info.Environment);
        return new CommandRun(Process.Start(info)!);
    }
}
