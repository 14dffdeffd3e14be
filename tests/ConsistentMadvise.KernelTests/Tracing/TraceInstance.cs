using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>A trace buffer of this process alone (tracefs <c>instances/</c>): no other tracing is affected. It goes with <see cref="Dispose"/>.</summary>
/// <remarks>
/// Its clock is <c>counter</c>, one atomic number of the kernel's that every record of every instance takes the next of: a total order across
/// processors that agrees with cause and effect, and no two records are equal. It contains no times, and none are needed.
/// </remarks>
internal sealed class TraceInstance : IDisposable
{
    private const string Prefix = "cm-";
    private static int s_made;

    private readonly string _path = Path.Combine(Tracefs.MountPoint!, "instances", $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}");
    private readonly List<TraceEventType> _types = [];
    private readonly byte[] _page;
    private SafeDescriptor? _marker;

    public TraceInstance(int kilobytesPerProcessor)
    {
        RemoveStale();
        Directory.CreateDirectory(_path);
        try
        {
            Write("tracing_on", "0");
            Write("trace_clock", "counter");
            Write("buffer_size_kb", kilobytesPerProcessor.ToString(CultureInfo.InvariantCulture));
            Write("trace_options", "event-fork");
            Write("trace_options", "nooverwrite");   // what is full keeps its beginning, and counts what it drops
            _page = new byte[PageSize()];
        }
        catch
        {
            Directory.Delete(_path);
            throw;
        }
    }

    public string Name => Path.GetFileName(_path);

    /// <summary>Removes what killed processes left: an instance costs memory until it is removed.</summary>
    public static void RemoveStale()
    {
        foreach (string instance in Directory.EnumerateDirectories(Path.Combine(Tracefs.MountPoint!, "instances"), $"{Prefix}*"))
        {
            string[] words = Path.GetFileName(instance).Split('-');
            if (words.Length == 3 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int maker) && !Directory.Exists($"/proc/{maker}"))
            {
                RemoveUnlessHeld(instance);
            }
        }
    }

    /// <summary>Watches a system call: each way in that the filter lets through, and every way out.</summary>
    public void Watch(string call, string? filter)
    {
        if (filter is not null)
        {
            Write($"events/syscalls/sys_enter_{call}/filter", filter);
        }

        Enable($"events/syscalls/sys_enter_{call}", TraceEventKind.Enter, call);
        Enable($"events/syscalls/sys_exit_{call}", TraceEventKind.Exit, call);
    }

    /// <summary>Whether this kernel has such a system call.</summary>
    public bool Knows(string call) => Directory.Exists(Path.Combine(_path, $"events/syscalls/sys_enter_{call}"));

    public void WatchNewTasks() => Enable("events/task/task_newtask", TraceEventKind.NewTask, "task_newtask");

    /// <summary>Lets only records of the threads of a process through, and of those that they will make.</summary>
    public void Follow(int pid)
    {
        HashSet<int> known = [];
        while (true)
        {
            int[] added = [.. ThreadFiles.List(pid).Where(known.Add)];
            if (added.Length == 0)
            {
                break;   // who was made meanwhile is followed by the option event-fork
            }

            Write("set_event_pid", string.Join(' ', added));
        }

        if (known.Count == 0)
        {
            throw new InvalidOperationException($"process {pid} is gone");   // an empty list would let everything through
        }
    }

    public void Begin() => Write("tracing_on", "1");

    public void End() => Write("tracing_on", "0");

    /// <summary>Writes a line into the trace, wherever the thread is; about 2 microseconds. EBADF unless it has begun.</summary>
    public void Mark(string text)
    {
        if (_marker is null)
        {
            _types.Add(TypeOf("events/ftrace/print", TraceEventKind.Mark, string.Empty));
            Assert.Equal(
                Errno.None, Kernel.Open(Encoding.ASCII.GetBytes($"{_path}/trace_marker\0"), LibC.O_WRONLY, out SafeDescriptor descriptor));
            _marker = descriptor;
        }

        Assert.Equal(Errno.None, Kernel.Write(_marker, Encoding.UTF8.GetBytes(text), out _));
    }

    /// <summary>Takes out what has been recorded so far.</summary>
    public void Drain(List<TraceEvent> events)
    {
        TracePageReader reader = new(_types);
        foreach (string processor in Processors())
        {
            Errno errno = Kernel.Open(
                Encoding.ASCII.GetBytes($"{processor}/trace_pipe_raw\0"), Uapi.O_RDONLY | LibC.O_NONBLOCK, out SafeDescriptor pipe);
            using SafeDescriptor opened = pipe;
            Assert.Equal(Errno.None, errno);
            while ((errno = Kernel.Read(pipe, _page, out int count)).Ok && count == _page.Length)
            {
                _ = reader.Read(_page, events);   // what is missing is in the counts of CountLost too
            }

            Assert.Equal(Errno.EAGAIN, errno);
        }
    }

    /// <summary>How many records the kernel had no room for.</summary>
    public long CountLost() => Processors()
        .SelectMany(static processor => File.ReadLines(Path.Combine(processor, "stats")))
        .Select(static line => line.Split(": "))
        .Where(static words => words[0] is "overrun" or "commit overrun" or "dropped events")
        .Sum(static words => long.Parse(words[1], NumberStyles.None, CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _marker?.Dispose();
        Eventually.Holds(() => TryRemove(_path), "no process holds the instance"); // one that another test has just forked has its files until its execve(2)
    }

    private static bool TryRemove(string instance)
    {
        try
        {
            Directory.Delete(instance);
            return true;
        }
        catch (IOException busy) when (busy is not DirectoryNotFoundException)
        {
            return false; // EBUSY
        }
    }

    private static void RemoveUnlessHeld(string instance)
    {
        try
        {
            Directory.Delete(instance);
        }
        catch (DirectoryNotFoundException)
        {
            return;   // another process was faster
        }
        catch (IOException)
        {
            return;   // EBUSY: a process reads it, and it does no harm
        }
    }

    private void Enable(string directory, TraceEventKind kind, string name)
    {
        _types.Add(TypeOf(directory, kind, name));
        Write($"{directory}/enable", "1");
    }

    private TraceEventType TypeOf(string directory, TraceEventKind kind, string name) =>
        TraceEventType.FromFormat(File.ReadAllText(Path.Combine(_path, directory, "format")), kind, name);

    private string[] Processors() => Directory.GetDirectories(Path.Combine(_path, "per_cpu"));

    // buffer_subbuf_size_kb: Linux 6.8; before, a page
    private int PageSize()
    {
        string file = Path.Combine(_path, "buffer_subbuf_size_kb");
        return File.Exists(file) ? 1024 * int.Parse(File.ReadAllText(file).AsSpan().Trim(), CultureInfo.InvariantCulture) : Environment.SystemPageSize;
    }

    private void Write(string file, string text) => Tracefs.Write(Path.Combine(_path, file), text);
}
