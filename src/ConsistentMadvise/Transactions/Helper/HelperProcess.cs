using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A helper that runs, as its host knows it.</summary>
internal sealed class HelperProcess
{
    /// <summary>Connections that are kept for later transactions; each has a thread of the helper.</summary>
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

    /// <summary>The program to take before any other: that of a test.</summary>
    internal static string? Given { get; set; }

    public int Pid => _pid;

    public SafeDescriptor Pidfd => _pidfd;

    public bool HasExited => !Kernel.IsReadable(_pidfd, out bool hasExited).Ok || hasExited;

    /// <summary>Whether something has stopped it: it would hold its target as long.</summary>
    public bool IsStopped => ProcFile.ReadStat(_pid, out ProcStat stat).Ok && stat.IsStopped;

    /// <summary>Finds the program that a helper runs; null when there is none that can be trusted, and why.</summary>
    public static string? FindProgram(out string why)
    {
        string? program = Given ?? GuardBinary.Find();
        why = program is not null ? string.Empty
            : $"the command {GuardBinary.Name} is neither beside the caller's files nor in /usr/lib/consistent-madvise, /usr/local/bin or /usr/bin, or others than root and the caller may write it";
        return program;
    }

    /// <summary>Starts one, and returns when it is ready; null when none is available, and why.</summary>
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
            why = $"no socket could be made: {errno}";
            started = errno.Ok ? StartedProgram.Start(program, [HelperStart.Mode, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)], its, out why) : null;
        }

        why = started is null ? why
            : started.FirstLine != HelperStart.ReadyLine(started.Pid) ? $"{program} did not begin to help{(started.FirstLine.Length == 0 ? string.Empty : $": {started.FirstLine}")}; install the one of this version"
            : HelperRights.WhatIsMissing(started.Pid) ?? string.Empty;
        if (started is not null && why.Length == 0)
        {
            return new HelperProcess(started.Pid, started.Pidfd, control);
        }

        control.Dispose(); // by which it ends
        if (started is not null)
        {
            ChildReaper.Add(started.Pidfd);
        }

        return null;
    }

    /// <summary>A connection that no other transaction uses; null when the helper cannot be reached.</summary>
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

    /// <summary>Leaves a connection, over which all has been said, to another transaction.</summary>
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

    /// <summary>Has it cancel a request. It fails only where the helper has exited.</summary>
    public void Cancel(long channel, long request) => TrySend(new HelperMessage(channel, request), null);

    /// <summary>Ends it: what it held runs by that, or by its guard. Returns whether it has exited, soon.</summary>
    public bool End(TimeSpan patience)
    {
        Kernel.PidfdSendSignal(_pidfd, Uapi.SIGKILL); // fails only where it has exited
        for (long begin = Stopwatch.GetTimestamp(); !HasExited && Stopwatch.GetElapsedTime(begin) < patience;)
        {
            Kernel.WaitReadable(_pidfd, _pidfd, MonotonicTicks.From(patience), out _, out _);
        }

        return HasExited;
    }

    /// <summary>Forgets one that has exited, or is of no use. The descriptors stay with the transactions that use them, until their finalizers close them.</summary>
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
