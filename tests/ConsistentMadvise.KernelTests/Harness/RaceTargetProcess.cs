using System.Diagnostics;
using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A running race target: the process that the tests freeze, hint and race with.</summary>
internal sealed partial class RaceTargetProcess : IDisposable
{
    // The shell stays as the target's parent, to reap it at once; the pipes are the target's alone. Background jobs read /dev/null, unless redirected.
    private const string KeepTarget = "exec 3<&0; \"$0\" <&3 3<&- & exec 0<&- 1>&- 2>&- 3<&-; wait";

    private readonly Process _started;
    private readonly LineQueue _replies;
    private readonly LineQueue _complaints;
    private readonly List<SafeDescriptor> _offspring = [];
    private readonly List<Sharer> _sharers = [];
    private bool _disposed;

    private RaceTargetProcess(Process started)
    {
        _started = started;
        _replies = new LineQueue(started.StandardOutput);
        _complaints = new LineQueue(started.StandardError);
    }

    public int Pid { get; private set; }

    /// <summary>A descriptor of the target, opened when it said that it was ready.</summary>
    public SafeDescriptor Pidfd { get; private set; } = new();

    /// <summary>Starts a target that is ready for commands.</summary>
    /// <param name="asChild">
    /// Whether it is a child of this process. By default it is not: the runtime waits for children of its own accord, and then sees ptrace
    /// stops that were meant for the tracer.
    /// </param>
    public static RaceTargetProcess Start(bool asChild = false)
    {
        ProcessStartInfo info = asChild ? new(RaceTargetProgram.Path) : new("/bin/sh", ["-c", KeepTarget, RaceTargetProgram.Path]);
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        RaceTargetProgram.Configure(info.Environment);
        Process started = Process.Start(info)!;
        RaceTargetProcess target = new(started);
        try
        {
            target.AwaitReady();
            return target;
        }
        catch
        {
            target.CloseInput();
            throw;
        }
    }

    /// <summary>Sends a command and returns the values that came after <c>ok</c>.</summary>
    /// <exception cref="RaceTargetException">The target answered with an error, ended, or did not answer.</exception>
    public string[] Send(string command)
    {
        Post(command);
        return Accept(command);
    }

    /// <summary>Sends a command without waiting for its answer.</summary>
    public void Post(string command)
    {
        Stream input = _started.StandardInput.BaseStream;
        input.Write(Encoding.ASCII.GetBytes(command + "\n"));
        input.Flush();
    }

    /// <summary>Waits for the answer to a command that was posted.</summary>
    public string[] Accept(string command)
    {
        string[] words = Receive(command).Split(' ');
        return words[0] == "ok"
            ? words[1..]
            : throw new RaceTargetException($"'{command}' was answered with '{string.Join(' ', words)}'");
    }

    /// <summary>Waits for the answer to a command that was posted, and returns whether it was done.</summary>
    public bool TryAccept(string command) => Receive(command).StartsWith("ok", StringComparison.Ordinal);

    /// <summary>Waits for the answer to a command that was posted, which is an address.</summary>
    public ulong AcceptAddress(string command) => Address(Accept(command)[0]);

    /// <summary>Ends the target's input, by which it ends itself.</summary>
    public void CloseInput() => _started.StandardInput.Close();

    /// <summary>Signals the target by its pidfd.</summary>
    public void Signal(int signal) => Assert.Equal(Errno.None, Kernel.PidfdSendSignal(Pidfd, signal));

    /// <summary>Kills the target, and waits until the process has exited; or, as long as a tracer holds one of its threads, until every thread has.</summary>
    public void Kill()
    {
        Signal(Uapi.SIGKILL);
        Eventually.Holds(
            () => HasEnded || (ThreadStatus.ReadThoseLeft(Pid) is { } left && left.All(static thread => thread.State[0] is 'Z' or 'X') && left.Any(static thread => thread.TracerPid != 0)),
            "every thread has exited");
    }

    /// <summary>Waits until the target has exited and was reaped.</summary>
    public void WaitUntilGone() => WaitUntilGone(Pidfd);

    /// <summary>Whether every thread has exited, be it reaped or not.</summary>
    public bool HasEnded
    {
        get
        {
            Assert.Equal(Errno.None, Kernel.IsReadable(Pidfd, out bool hasEnded));
            return hasEnded;
        }
    }

    /// <summary>Asserts that no thread of the target is stopped or traced, and that it answers.</summary>
    public void AssertRuns()
    {
        foreach (ThreadStatus thread in ThreadStatus.ReadAll(Pid))
        {
            Assert.False(thread.IsStopped, $"the target's {thread}");
            Assert.True(thread.TracerPid == 0, $"the target's {thread}");
        }

        Send("ping");
    }

    /// <summary>Ends the target with SIGKILL, and waits until it and what it started are gone.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _sharers.ForEach(static sharer => sharer.Dispose());
        _managers.ForEach(static manager => manager.Dispose());
        _offspring.ForEach(End);   // first: while their parent lives, the test need not wait for them
        End(Pidfd);
        _replies.Dispose();
        _complaints.Dispose();
        _started.StandardInput.Dispose();
        Assert.True(_started.WaitForExit(Eventually.Patience), "the target's shell has exited");
        _started.Dispose();
    }

    private static void End(SafeDescriptor pidfd)
    {
        _ = Kernel.PidfdSendSignal(pidfd, Uapi.SIGKILL);   // ESRCH: the test has killed it
        WaitUntilGone(pidfd);
        pidfd.Dispose();
    }

    private void AwaitReady()
    {
        string[] ready = Receive("start").Split(' ');
        Assert.Equal("ready", ready[0]);
        Pid = int.Parse(ready[1], CultureInfo.InvariantCulture);
        Pidfd = OpenPidfd(Pid);
    }

    private static SafeDescriptor OpenPidfd(int pid)
    {
        Assert.Equal(Errno.None, Kernel.PidfdOpen(pid, out SafeDescriptor pidfd));
        return pidfd;
    }

    // Signal 0 reaches a zombie; ESRCH says that it was reaped.
    private static void WaitUntilGone(SafeDescriptor pidfd) =>
        Eventually.Holds(() => Kernel.PidfdSendSignal(pidfd, 0) == Errno.ESRCH, "the process was reaped");

    private string Receive(string command) => _replies.TryTake(Eventually.Patience, out string? line)
        ? line
        : throw new RaceTargetException($"no answer to '{command}' within {Eventually.Patience}; its standard error: {_complaints.Drain()}");
}
