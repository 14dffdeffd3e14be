using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.Benchmarks;

/// <summary>A process of many threads that calls execve(2), or is killed, on request, and reports how long that took.</summary>
internal sealed class ExitTarget : IDisposable
{
    private static readonly Lazy<string?> Program = new(static () => FloorProgram.Compile("exits"));

    private readonly Process _parent;
    private BenchCgroup? _cgroup;

    public ExitTarget()
    {
        string program = Program.Value ?? throw new InvalidOperationException("This needs a C compiler: cc.");
        _parent = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _parent.StandardInput.AutoFlush = true;
    }

    public int Pid { get; private set; }

    /// <summary>Starts it, in a cgroup of its own.</summary>
    public void Start(int threads)
    {
        Send("start", threads);
        Pid = (int)Receive("ready");
        _cgroup = BenchCgroup.TryCreate(Pid);
    }

    /// <summary>Has a thread that is not its leader exec the same program after a while.</summary>
    /// <returns>How long that took, until the new program ran.</returns>
    public TimeSpan Execute(TimeSpan after)
    {
        Send("exec", (int)after.TotalMicroseconds);
        TimeSpan delay = TimeSpan.FromMicroseconds(Receive("done") / 1000.0);
        Receive("ready");
        return delay;
    }

    /// <summary>Kills it after a while.</summary>
    /// <returns>How long it took until its parent had reaped it.</returns>
    public TimeSpan Kill(TimeSpan after)
    {
        Send("kill", (int)after.TotalMicroseconds);
        TimeSpan delay = TimeSpan.FromMicroseconds(Receive("done") / 1000.0);
        _cgroup?.Dispose();
        _cgroup = null;
        return delay;
    }

    public void Dispose()
    {
        _parent.StandardInput.Close();
        _parent.WaitForExit();
        _parent.Dispose();
        _cgroup?.Dispose();
    }

    private void Send(string word, int value) => _parent.StandardInput.WriteLine($"{word} {value}");

    private long Receive(string word)
    {
        string? line = _parent.StandardOutput.ReadLine();
        return line is not null && line.StartsWith(word, StringComparison.Ordinal)
            ? long.Parse(line.AsSpan(word.Length + 1), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"Not '{word}' but '{line}'.");
    }
}
