using System.Collections.Concurrent;

namespace ConsistentMadvise;

/// <summary>Keeps a few objects with large buffers for the next user, at most one for each processor.</summary>
internal sealed class ScratchPool<T>
    where T : class, new()
{
    private readonly ConcurrentBag<T> _free = [];

    public T Rent() => _free.TryTake(out T? scratch) ? scratch : new T();

    public void Return(T scratch)
    {
        if (_free.Count < Environment.ProcessorCount)
        {
            _free.Add(scratch);
        }
    }
}
