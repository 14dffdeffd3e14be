using System.Runtime.CompilerServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands that start threads, which live as long as the target unless it says otherwise.</summary>
internal static class ThreadCommands
{
    // More than the threads that end have: libc hands on the stack of an ended thread, and a new thread would not show in maps.
    private const int StackBytes = 512 << 10;

    private static int s_running;

    /// <summary><c>thread</c> - one more sleeping thread; answers once it runs.</summary>
    public static void Thread(ref Arguments arguments, Reply reply)
    {
        if (arguments.Accepted(reply))
        {
            Start(1, Sleep, reply);
        }
    }

    /// <summary><c>threads COUNT [spin]</c> - so many more, asleep or busy; answers once they run.</summary>
    public static void Threads(ref Arguments arguments, Reply reply)
    {
        int count = arguments.Count();
        bool spin = arguments.Takes("spin"u8);
        if (arguments.Accepted(reply))
        {
            Start(count, spin ? Spin : Sleep, reply);
        }
    }

    /// <summary><c>brief COUNT</c> - so many threads one after the other, each of which ends at once; answers when the last has.</summary>
    public static void Brief(ref Arguments arguments, Reply reply)
    {
        int count = arguments.Count();
        if (!arguments.Accepted(reply))
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            Thread thread = new(static () => { }, StackBytes);
            thread.Start();
            thread.Join();
        }

        reply.Ok();
    }

    private static void Start(int count, ThreadStart body, Reply reply)
    {
        int wanted = Volatile.Read(ref s_running) + count;
        for (int i = 0; i < count; i++)
        {
            try
            {
                new Thread(body, StackBytes).Start();
            }
            catch (OutOfMemoryException)
            {
                // What pthread_create(3) answers at a limit, after the threads before it have started.
                reply.Error(LibC.EAGAIN, "pthread_create"u8);
                return;
            }
        }

        while (Volatile.Read(ref s_running) < wanted)
        {
            Native.Sleep(50_000);
        }

        reply.Ok();
    }

    private static void Sleep()
    {
        Interlocked.Increment(ref s_running);
        while (true)
        {
            // Returns after each signal, and after a stop on some kernels.
            _ = Native.Call(SyscallNumber.Ppoll);
        }
    }

    /// <remarks>Not by <see cref="System.Threading.Thread.SpinWait"/>: after some seconds of it the runtime measures again how long a pause takes, on its finalizer thread, which changes the layout.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Spin()
    {
        Interlocked.Increment(ref s_running);
        while (Volatile.Read(ref s_running) != 0)
        {
        }
    }
}
