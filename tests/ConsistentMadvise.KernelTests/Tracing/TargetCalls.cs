namespace ConsistentMadvise.KernelTests;

/// <summary>Pairs the ways in and out of the calls that the tasks of one address space make, and follows who belongs to it.</summary>
internal sealed class TargetCalls
{
    private const ulong CLONE_VM = 0x100;
    private const ulong CLONE_THREAD = 0x10000;

    private readonly int _target;
    private readonly Dictionary<int, int> _groups;              // by thread: the process of each task that shares the address space
    private readonly Dictionary<int, TraceEvent> _open = [];    // by thread
    private readonly HashSet<int> _copying = [];                // threads whose open call copies the address space
    private readonly List<TargetCall> _calls = [];

    private TargetCalls(TraceRecord record)
    {
        _target = record.TargetPid;
        _groups = record.Threads.ToDictionary(static thread => thread, _ => record.TargetPid);
    }

    /// <summary>The calls that succeeded, or were under way at the end, by where they began.</summary>
    public static List<TargetCall> Find(TraceRecord record)
    {
        TargetCalls calls = new(record);
        foreach (TraceEvent seen in record.Events)
        {
            calls.See(in seen);
        }

        calls._calls.AddRange(calls._open.Values.Where(calls.MayChange).Select(static open => new TargetCall(open.Name, open.Order, ulong.MaxValue)));
        calls._calls.Sort(static (one, other) => one.Enter.CompareTo(other.Enter));
        return calls._calls;
    }

    private void See(in TraceEvent seen)
    {
        if (!_groups.TryGetValue(seen.Thread, out int group) || seen.Name == OrderOracle.Hint)
        {
            return;
        }

        if (seen.Kind == TraceEventKind.Enter)
        {
            _open[seen.Thread] = seen;
        }
        else if (seen.Kind == TraceEventKind.NewTask)
        {
            Add(in seen, group);
        }
        else if (seen.Kind == TraceEventKind.Exit)
        {
            Return(in seen, group);
        }
    }

    private void Add(in TraceEvent seen, int group)
    {
        int child = (int)seen.First;
        _open.Remove(child);    // of an earlier task with this number
        _copying.Remove(child);
        if ((seen.Second & CLONE_VM) == 0)
        {
            _groups.Remove(child);
            _copying.Add(seen.Thread);
        }
        else
        {
            _groups[child] = (seen.Second & CLONE_THREAD) != 0 ? group : child;
        }
    }

    private void Return(in TraceEvent seen, int group)
    {
        // execve(2) by another than the thread-group leader comes back with the thread-group leader's number.
        int thread = LayoutCalls.IsExec(seen.Name) && !_open.ContainsKey(seen.Thread) ? FindExec(group) : seen.Thread;
        bool isKnown = _open.Remove(thread, out TraceEvent enter) && enter.Name == seen.Name;
        bool copies = _copying.Remove(thread);
        if (!seen.HasSucceeded || (!isKnown && HasFilter(seen.Name)) || (LayoutCalls.IsClone(seen.Name) && !copies))
        {
            return;
        }

        if (LayoutCalls.IsExec(seen.Name) && group != _target)
        {
            Leave(group);   // a sharer with an address space of its own from now on
            return;
        }

        _calls.Add(new TargetCall(seen.Name, isKnown ? enter.Order : 0, seen.Order));
    }

    private int FindExec(int group) =>
        _open.FirstOrDefault(open => LayoutCalls.IsExec(open.Value.Name) && _groups.TryGetValue(open.Key, out int owner) && owner == group).Key;

    private void Leave(int group)
    {
        foreach (int thread in _groups.Where(member => member.Value == group).Select(static member => member.Key).ToArray())
        {
            _groups.Remove(thread);
            _open.Remove(thread);
        }
    }

    private bool MayChange(TraceEvent open) => !LayoutCalls.IsClone(open.Name) || _copying.Contains(open.Thread);

    // Its way in was not let through: it does not count. Or it was under way as the trace began, long before any hint.
    private static bool HasFilter(string name) => LayoutCalls.All.Any(call => call.Name == name && call.Filter is not null);
}
