using System.Runtime.InteropServices;

namespace ConsistentMadvise.Cli;

/// <summary>Makes sure that 0, 1 and 2 are the standard streams, and that a failed write is an error instead of a signal.</summary>
/// <remarks>
/// <c>open(2)</c> uses the lowest free number. In a process started without standard streams, 1 may become a file of the runtime or,
/// later, a cgroup's <c>cgroup.freeze</c>, and output to stdout goes there. A closed stream becomes <c>/dev/null</c>.
/// </remarks>
internal static unsafe class StandardStreams
{
    /// <summary>Called first. If the runtime already uses one of the numbers, the program is restarted.</summary>
    public static void Repair()
    {
        // Ignored, not handled: .NET handles signals on another thread and stops before the end, when a write beyond RLIMIT_FSIZE would kill the process.
        _ = LibC.signal(LibC.SIGXFSZ, LibC.SIG_IGN);
        bool isTaken = false;
        for (int number = 0; number <= 2; number++)
        {
            int flags = LibC.fcntl(number, LibC.F_GETFD);
            if (flags < 0)
            {
                OpenNull();
            }

            // No inherited descriptor is close-on-exec: it would not have survived the exec of this program.
            isTaken |= flags >= 0 && (flags & LibC.FD_CLOEXEC) != 0;
        }

        if (isTaken)
        {
            StartAnew();
        }
    }

    private static int OpenNull()
    {
        int opened = LibC.open("/dev/null", LibC.O_RDWR);

        // Without /dev: a directory occupies the number too, and refuses writes.
        return opened >= 0 ? opened : LibC.open("/", 0);
    }

    /// <summary>Replaces the runtime's files with the null device, then calls execve(2) on the program again: the copies survive that, the runtime's own files do not.</summary>
    private static void StartAnew()
    {
        byte[] arguments = ReadArguments();
        int opened = OpenNull();
        if (arguments.Length == 0 || opened < 0)
        {
            return;
        }

        fixed (byte* text = arguments)
        {
            int count = arguments.AsSpan().Count((byte)0);
            byte** argv = (byte**)NativeMemory.AllocZeroed((nuint)count + 1, (nuint)sizeof(byte*));
            byte* next = text;
            for (int i = 0; i < count; i++)
            {
                argv[i] = next;
                next += MemoryMarshal.CreateReadOnlySpanFromNullTerminated(next).Length + 1;
            }

            for (int number = 0; number <= 2; number++)
            {
                if ((LibC.fcntl(number, LibC.F_GETFD) & LibC.FD_CLOEXEC) != 0)
                {
                    _ = LibC.dup2(opened, number);
                }
            }

            _ = LibC.close(opened);
            _ = LibC.execv("/proc/self/exe", argv);
            Environment.Exit(ExitCode.Unexpected); // the runtime has lost files that it still uses
        }
    }

    /// <remarks>As bytes: an argument may not be UTF-8, and only <c>/proc</c> has those of the host that runs a .dll.</remarks>
    private static byte[] ReadArguments()
    {
        try
        {
            return File.ReadAllBytes("/proc/self/cmdline");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
