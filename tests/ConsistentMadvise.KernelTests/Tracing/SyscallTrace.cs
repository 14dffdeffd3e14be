namespace ConsistentMadvise.KernelTests;

/// <summary>
/// Watches from outside, by the kernel's own tracepoints, in which order a target changes its layout and a caller hints it. It uses nothing that
/// the library decides by: no maps, no sequence, no freezer.
/// </summary>
/// <example>
/// <code>
/// using SyscallTrace trace = SyscallTrace.Start(target.Pid, Environment.ProcessId);
/// HintPlan plan = ...;
/// trace.MarkCaptured("17");
/// target.Apply(plan);
/// trace.Mark("applied 17");
/// TraceVerdict verdict = OrderOracle.Judge(trace.Stop());
/// </code>
/// </example>
internal sealed class SyscallTrace : IDisposable
{
    private const int DefaultKilobytes = 8192;   // about 100,000 calls on each processor

    private readonly int _target;
    private readonly int _caller;
    private readonly int[] _pidfds;
    private readonly HashSet<int> _threads = [];
    private readonly List<TraceEvent> _events = [];
    private readonly TraceInstance _calls;
    private readonly TraceInstance _hints;
    private TraceRecord? _record;

    // Two buffers, since followed threads are followed for every event of a buffer: of the caller only its hints are wanted.
    private SyscallTrace(int target, int caller, int kilobytesPerProcessor)
    {
        _target = target;
        _caller = caller;
        _pidfds = Tracefs.Pidfds(caller, target);
        if (_pidfds.Length == 0)
        {
            throw new InvalidOperationException($"process {caller} has no pidfd of {target} yet: its hints are known by them");
        }

        _calls = new TraceInstance(kilobytesPerProcessor);
        try
        {
            _hints = new TraceInstance(kilobytesPerProcessor);
        }
        catch
        {
            _calls.Dispose();
            throw;
        }
    }

    /// <summary>Begins to watch.</summary>
    /// <param name="targetPid">The target: its threads, those they make, and those that will share its address space.</param>
    /// <param name="callerPid">The process whose hints count, by the pidfds of the target that it has by now.</param>
    /// <param name="kilobytesPerProcessor">The size of each of the two buffers, on each processor. <see cref="Drain"/> empties them.</param>
    /// <exception cref="InvalidOperationException">The caller has no pidfd of the target, or one of the two is gone.</exception>
    public static SyscallTrace Start(int targetPid, int callerPid, int kilobytesPerProcessor = DefaultKilobytes)
    {
        SyscallTrace trace = new(targetPid, callerPid, kilobytesPerProcessor);
        try
        {
            trace.Begin();
            return trace;
        }
        catch
        {
            trace.Dispose();
            throw;
        }
    }

    /// <summary>Puts a line of the test's own between the kernel's; about 2 microseconds.</summary>
    public void Mark(string text) => _hints.Mark(text);

    /// <summary>Notes that a plan has been captured, from whatever the caller read before: the hints until the next such mark are made for it.</summary>
    public void MarkCaptured(string plan) => Mark(OrderOracle.Captured + plan);

    /// <summary>Moves what the buffers hold into memory; for traces that are longer than the buffers, between two transactions.</summary>
    public void Drain()
    {
        _calls.Drain(_events);
        _hints.Drain(_events);
    }

    /// <summary>How many events the kernel had no room for so far.</summary>
    public long CountLost() => _calls.CountLost() + _hints.CountLost();

    /// <summary>Ends watching, and returns everything in its order. The caller's pidfds must be open still.</summary>
    /// <exception cref="InvalidOperationException">The caller opened or closed a pidfd of the target meanwhile: hints may have been missed.</exception>
    public TraceRecord Stop() => _record ??= End();

    public void Dispose()
    {
        _calls.Dispose();
        _hints.Dispose();
    }

    private void Begin()
    {
        _calls.Follow(_target);
        foreach ((string name, string? filter) in LayoutCalls.All)
        {
            if (_calls.Knows(name))
            {
                _calls.Watch(name, filter);
            }
        }

        _calls.WatchNewTasks();

        // A vector of nothing only asks for permission.
        _hints.Follow(_caller);
        _hints.Watch("process_madvise", $"vlen > 0 && ({string.Join(" || ", _pidfds.Select(static pidfd => $"pidfd == {pidfd}"))})");
        _threads.UnionWith(ThreadFiles.List(_target));
        _calls.Begin();
        _hints.Begin();
        _hints.Mark("begin");   // also opens the file
        _threads.UnionWith(ThreadFiles.List(_target));   // who was made from now on is recorded
    }

    private TraceRecord End()
    {
        _hints.End();
        _calls.End();
        int[] pidfds = Tracefs.Pidfds(_caller, _target);
        if (Directory.Exists($"/proc/{_target}") && !pidfds.Order().SequenceEqual(_pidfds.Order()))
        {
            throw new InvalidOperationException($"the pidfds of {_target} were [{string.Join(' ', _pidfds)}], now they are [{string.Join(' ', pidfds)}]");
        }

        Drain();
        _events.Sort(static (one, other) => one.Order.CompareTo(other.Order));
        return new TraceRecord(_target, _threads, _events, CountLost());
    }
}
