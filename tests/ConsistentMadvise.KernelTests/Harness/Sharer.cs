using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A process that shares a race target's memory and makes the system calls it is asked for, whatever state the target is in. x86-64 only.</summary>
internal sealed class Sharer : IDisposable
{
    private readonly FileStream _requests;
    private readonly FileStream _results;

    public Sharer(int pid, string requests, string results)
    {
        Pid = pid;
        _requests = new FileStream(requests, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _results = new FileStream(results, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
    }

    public int Pid { get; }

    /// <summary>Maps private anonymous memory at an address that must be free.</summary>
    public void Map(ulong address, int pages)
    {
        const ulong ReadWrite = 3;
        const ulong PrivateAnonymousFixedNoReplace = 0x100022;
        Assert.Equal((long)address, Call(9, address, (ulong)pages * 4096, ReadWrite, PrivateAnonymousFixedNoReplace, ulong.MaxValue));
    }

    public void Unmap(ulong address, int pages) => Assert.Equal(0, Call(11, address, (ulong)pages * 4096));

    /// <summary>Has the sharer make a system call; returns its result or a negative errno.</summary>
    public long Call(int number, params ReadOnlySpan<ulong> arguments)
    {
        Send(number, arguments);
        Span<long> result = stackalloc long[1];
        _results.ReadExactly(MemoryMarshal.AsBytes(result));
        return result[0];
    }

    /// <summary>Has the sharer start another in the same memory, by CLONE_VM; it reads from the same pipe. Returns its pid.</summary>
    /// <remarks>Both go on with the code, which uses no stack, and both answer; what is asked from now on, one of the two does.</remarks>
    public int CloneItself()
    {
        Send(56, [(ulong)(Tmds.Linux.LibC.CLONE_VM | Tmds.Linux.LibC.SIGCHLD)]);
        _results.ReadExactly(new byte[16]);
        string children = File.ReadAllText($"/proc/{Pid}/task/{Pid}/children");
        return int.Parse(Assert.Single(children.Split(' ', StringSplitOptions.RemoveEmptyEntries)), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Ends the sharer's thread-group leader; another thread of it goes on.</summary>
    public void EndLeader()
    {
        const int Clone = 56;
        const int Exit = 60;
        const ulong AThread = 0x10F00; // CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
        while (ThreadStatus.ReadAll(Pid).Single(thread => thread.Tid == Pid).State[0] != 'Z')
        {
            Send(Clone, [AThread]);
            _results.ReadExactly(new byte[16]);
            int threads = ThreadStatus.ReadAll(Pid).Count;
            Send(Exit, []); // the thread that reads it ends, whichever that is
            Eventually.Holds(() => ThreadStatus.ReadAll(Pid).Count(static thread => thread.State[0] != 'Z') < threads, "a thread of the sharer has exited");
        }
    }

    /// <summary>Ends the sharer.</summary>
    public void Exit()
    {
        const int ExitGroup = 231;
        Send(ExitGroup, []);
        Assert.Equal(0, _results.Read(new byte[8]));
    }

    /// <summary>Ends the sharer while another reads from the same pipe; returns when it is gone.</summary>
    public void Exit(int other)
    {
        Assert.Equal(Interop.Errno.None, Interop.Kernel.PidfdOpen(Pid, out SafeDescriptor descriptor));
        using Interop.SafeDescriptor pidfd = descriptor;
        Assert.Equal(Interop.Errno.None, Interop.Kernel.PidfdSendSignal(pidfd, Interop.Uapi.SIGKILL));
        Eventually.Holds(() => Interop.Kernel.PidfdSendSignal(pidfd, 0) == Interop.Errno.ESRCH, $"of both sharers only {other} is left");
    }

    public void Dispose()
    {
        _requests.Dispose();
        _results.Dispose();
    }

    private void Send(int number, ReadOnlySpan<ulong> arguments)
    {
        Span<ulong> request = stackalloc ulong[7];
        request.Clear();
        request[0] = (ulong)number;
        arguments.CopyTo(request[1..]);
        _requests.Write(MemoryMarshal.AsBytes(request));
    }
}
