using System.Diagnostics.CodeAnalysis;

namespace ConsistentMadvise;

/// <summary>Runs jobs on its own threads: those of one process in order, with limited concurrency.</summary>
/// <remarks>
/// A lane is in <c>_ready</c> if it has a job and none of its jobs runs. It goes back to the end of that queue after each job, so that a busy
/// process does not keep the others waiting.
/// </remarks>
internal sealed class LaneScheduler(int maxThreads, TimeSpan idleTime) : IAsyncDisposable
{
    /// <summary>Starting a thread costs more than a small window, so an idle one waits this long for another job.</summary>
    public static readonly TimeSpan DefaultIdleTime = TimeSpan.FromSeconds(5);

    private readonly object _gate = new(); // Monitor.Wait needs an object, not a Lock
    private readonly Dictionary<ProcessIdentity, Lane> _lanes = [];
    private readonly Queue<Lane> _ready = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _threads;
    private int _idle;
    private bool _isClosed;

    /// <summary>Queues a transaction.</summary>
    /// <param name="process">The process whose jobs run one after another.</param>
    /// <param name="transaction">Runs on a thread of the scheduler.</param>
    /// <param name="token">Withdraws the job, or is passed to it.</param>
    /// <param name="held">Disposed before the task completes, however it completes. If this method throws, the caller still owns it.</param>
    public Task<HintOutcome> Run(ProcessIdentity process, Func<CancellationToken, HintOutcome> transaction, CancellationToken token, IDisposable? held = null)
    {
        if (token.IsCancellationRequested)
        {
            held?.Dispose();
            return Task.FromCanceled<HintOutcome>(token);
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(HintEngine));
            if (!_lanes.TryGetValue(process, out Lane? lane))
            {
                WakeOrStartThread();
                lane = new Lane(process);
                _lanes.Add(process, lane);
                _ready.Enqueue(lane);
            }

            HintJob job = new(transaction, held, token);
            lane.Waiting.Enqueue(job);
            return job.Task;
        }
    }

    /// <summary>Rejects new jobs, cancels queued ones, asks running ones to stop. The task completes when no job and no thread is left.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isFirst = Close(out List<HintJob> waiting);
        if (isFirst)
        {
            CancelAll(waiting);
        }

        await _ended.Task.ConfigureAwait(false);
        if (isFirst)
        {
            _stopping.Dispose();
        }
    }

    private bool Close(out List<HintJob> waiting)
    {
        waiting = [];
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            _isClosed = true;
            _ready.Clear();
            foreach (Lane lane in _lanes.Values)
            {
                waiting.AddRange(lane.Waiting);
                lane.Waiting.Clear();
            }

            Monitor.PulseAll(_gate);
            EndIfLast();
            return true;
        }
    }

    private void CancelAll(List<HintJob> waiting)
    {
        foreach (HintJob job in waiting)
        {
            job.Cancel(_stopping.Token);
        }

        _stopping.Cancel();
    }

    /// <summary>Makes sure that a thread takes one more lane. The count of ready lanes covers threads that are starting.</summary>
    private void WakeOrStartThread()
    {
        if (_ready.Count < _idle)
        {
            Monitor.Pulse(_gate);
        }
        else if (_threads < maxThreads)
        {
            StartThread();
        }
    }

    private void StartThread()
    {
        try
        {
            new Thread(Work) { IsBackground = true, Name = "ConsistentMadvise engine" }.Start();
            _threads++;
        }
        catch (OutOfMemoryException) when (_threads > 0)
        {
            // The kernel cannot create a thread (EAGAIN): existing ones do the work.
        }
    }

    private void Work()
    {
        Lane? lane = null;
        while (TakeNext(ref lane, out HintJob? job))
        {
            Thread.CurrentThread.IsBackground = false;
            job.Run(_stopping.Token);
            Thread.CurrentThread.IsBackground = true;
        }
    }

    /// <summary>Returns the lane whose job was run, and waits for another; returns false if the thread should exit.</summary>
    private bool TakeNext(ref Lane? lane, [NotNullWhen(true)] out HintJob? job)
    {
        lock (_gate)
        {
            GiveBack(lane);
            while (!_ready.TryDequeue(out lane))
            {
                if (_isClosed || !WaitForWork())
                {
                    _threads--;
                    EndIfLast();
                    job = null;
                    return false;
                }
            }

            job = lane.Waiting.Dequeue();
            return true;
        }
    }

    private void GiveBack(Lane? lane)
    {
        if (lane is { Waiting.Count: > 0 })
        {
            _ready.Enqueue(lane);
        }
        else if (lane is not null)
        {
            _lanes.Remove(lane.Process);
        }
    }

    private bool WaitForWork()
    {
        _idle++;
        bool isPulsed = Monitor.Wait(_gate, idleTime);
        _idle--;
        return isPulsed || _ready.Count > 0;
    }

    private void EndIfLast()
    {
        if (_isClosed && _threads == 0)
        {
            _ended.TrySetResult();
        }
    }
}
