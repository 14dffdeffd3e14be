using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A running helper, as its host sees it.</summary>
internal sealed class HelperProcess
{
    /// <summary>How many connections are kept for later transactions; each occupies a thread of the helper.</summary>
    private const int MaxIdle = 16;

    private readonly int _pid;
    private readonly SafeDescriptor _pidfd;
    private readonly SafeDescriptor _control;
    private readonly ConcurrentBag<HelperConnection> _idle = [];
    private long _channels;

    private HelperProcess(int pid, SafeDescriptor pidfd, SafeDescriptor control)
    {
        _pid = pid;
        _pidfd = pidfd;
        _control = control;
    }

    /// <summary>A program that takes precedence over all others, for tests.</summary>
    internal static string? Given { get; set; }

    public int Pid => _pid;

    public SafeDescriptor Pidfd => _pidfd;

    public bool HasExited => !Kernel.IsReadable(_pidfd, out bool hasExited).Ok || hasExited;

    /// <summary>Whether it is stopped: it would hold its target for as long.</summary>
    public bool IsStopped => ProcFile.ReadStat(_pid, out ProcStat stat).Ok && stat.IsStopped;

    /// <summary>Finds the program that a helper runs; null, and the reason, if there is none that can be trusted.</summary>
    public static string? FindProgram(out string why)
    {
        string? program = Given ?? GuardBinary.Find();
        why = program is not null ? string.Empty
            : $"the command {GuardBinary.Name} is neither next to the caller's files nor in /usr/lib/consistent-madvise, /usr/local/bin or /usr/bin, or it is writable by users other than root and the caller";
        return program;
    }

    /// <summary>Starts a helper, and returns when it is ready; null, and the reason, if none is available.</summary>
    public static HelperProcess? Start(out string why)
    {
        if (FindProgram(out why) is not { } program)
        {
            return null;
        }

        Errno errno = Kernel.SocketPair(keepsMessages: true, out SafeDescriptor control, out SafeDescriptor its);
        StartedProgram? started;
        using (its)
        {
            why = $"no socket could be created: {errno}";
            started = errno.Ok ? StartedProgram.Start(program, [HelperStart.Mode, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)], its, out why) : null;
        }

        why = started is null ? why
            : started.FirstLine != HelperStart.ReadyLine(started.Pid) ? $"{program} did not start as a helper{(started.FirstLine.Length == 0 ? string.Empty : $": {started.FirstLine}")}; install the one of this version"
            : HelperRights.WhatIsMissing(started.Pid) ?? string.Empty;
        if (started is not null && why.Length == 0)
        {
            return new HelperProcess(started.Pid, started.Pidfd, control);
        }

        control.Dispose(); // closing it makes the helper exit
        if (started is not null)
        {
            ChildReaper.Add(started.Pidfd);
        }

        return null;
    }

    /// <summary>Rents a connection that no other transaction uses; null if the helper cannot be reached.</summary>
    public HelperConnection? Rent()
    {
        if (_idle.TryTake(out HelperConnection? idle))
        {
            return idle;
        }

        Errno errno = Kernel.SocketPair(keepsMessages: false, out SafeDescriptor own, out SafeDescriptor its);
        using (its)
        {
            long number = Interlocked.Increment(ref _channels);
            if (errno.Ok && TrySend(new HelperMessage(number, 0), its))
            {
                return new HelperConnection(this, new HelperChannel(own), number);
            }
        }

        own.Dispose();
        return null;
    }

    /// <summary>Returns a connection on which nothing is outstanding, for another transaction.</summary>
    public void Return(HelperConnection connection)
    {
        if (_idle.Count < MaxIdle)
        {
            _idle.Add(connection);
        }
        else
        {
            connection.Dispose();
        }
    }

    /// <summary>Requests that it cancel a request. Fails only if the helper has exited.</summary>
    public void Cancel(long channel, long request) => TrySend(new HelperMessage(channel, request), null);

    /// <summary>Kills it: that, or its guard, thaws what it held. Returns whether it has exited within the given time.</summary>
    public bool End(TimeSpan patience)
    {
        Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL); // fails only if it has exited
        for (long begin = Stopwatch.GetTimestamp(); !HasExited && Stopwatch.GetElapsedTime(begin) < patience;)
        {
            Kernel.WaitReadable(_pidfd, _pidfd, MonotonicTicks.From(patience), out _, out _);
        }

        return HasExited;
    }

    /// <summary>Abandons a helper that has exited or is of no use. The transactions that use its descriptors keep them until their finalizers close them.</summary>
    public void Abandon() => ChildReaper.Add(_pidfd);

    private bool TrySend(HelperMessage message, SafeDescriptor? socket)
    {
        Span<byte> bytes = stackalloc byte[HelperMessage.Bytes];
        message.Write(bytes);
        Errno errno;
        do
        {
            errno = Kernel.Send(_control, bytes, socket, null, out _);
        }
        while (errno == Errno.EINTR);
        return errno.Ok;
    }
}
