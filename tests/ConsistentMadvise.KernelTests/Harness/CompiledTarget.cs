using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A target written in C: for what a managed process cannot do. It prints its pid when it is ready, and is killed at the end.</summary>
internal sealed class CompiledTarget : IDisposable
{
    private readonly string _directory;
    private readonly Process _process;

    private CompiledTarget(string directory, Process process, string[] words)
    {
        _directory = directory;
        _process = process;
        Words = words;
        Assert.Equal(Errno.None, Kernel.PidfdOpen(Pid, out SafeDescriptor pidfd));
        Pidfd = pidfd;
    }

    public int Pid => int.Parse(Words[0], CultureInfo.InvariantCulture);

    public SafeDescriptor Pidfd { get; }

    /// <summary>Its first line: the pid, and what else it has to say.</summary>
    public string[] Words { get; }

    /// <summary>Compiles and starts a program, with the path of an empty directory of its own as the first argument. It is no child of this process.</summary>
    public static CompiledTarget Start(string source, params string[] arguments)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("consistent-madvise-").FullName;
        try
        {
            Compile(source, directory + "/program");
            System.IO.Directory.CreateDirectory(directory + "/files");
            ProcessStartInfo info = new("/bin/sh", ["-c", "\"$@\" & exec 1>&-; wait", "sh", directory + "/program", directory + "/files", .. arguments]) { RedirectStandardOutput = true };
            Process process = Process.Start(info)!;
            Task<string?> line = process.StandardOutput.ReadLineAsync();
            Assert.True(line.Wait(Eventually.Patience) && line.Result is { Length: > 0 }, "the program says that it is ready");
            return new CompiledTarget(directory, process, line.Result!.Split(' '));
        }
        catch
        {
            Remove(directory);
            throw;
        }
    }

    /// <summary>Asserts that it lives, and that none of its threads is stopped or traced.</summary>
    public void AssertRuns()
    {
        Assert.Equal(Errno.None, Kernel.IsReadable(Pidfd, out bool hasEnded));
        Assert.False(hasEnded, "the target has not ended");
        Assert.All(ThreadStatus.ReadAll(Pid), static thread => Assert.True(!thread.IsStopped && thread.TracerPid == 0, $"the target's {thread}"));
    }

    public void Dispose()
    {
        _ = Kernel.PidfdSendSignal(Pidfd, Uapi.SIGKILL);
        Pidfd.Dispose();
        Assert.True(_process.WaitForExit(Eventually.Patience), "the target's shell has exited");
        _process.Dispose();
        Remove(_directory);
    }

    private static void Compile(string source, string program)
    {
        ProcessStartInfo info = new("cc", ["-O1", "-w", "-pthread", "-x", "c", "-o", program, "-"]) { RedirectStandardInput = true };
        using Process compiler = Process.Start(info)!;
        compiler.StandardInput.Write(source);
        compiler.StandardInput.Close();
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    // .NET cannot name what lies deeper than PATH_MAX; rm(1) goes down step by step.
    private static void Remove(string directory)
    {
        using Process remove = Process.Start("rm", ["-rf", directory]);
        remove.WaitForExit();
    }
}
