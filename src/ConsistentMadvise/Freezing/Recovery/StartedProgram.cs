using System.Diagnostics;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One of our programs, started in its own session, that has printed its first line.</summary>
/// <param name="Pid">Its pid.</param>
/// <param name="Pidfd">Its pidfd.</param>
/// <param name="FirstLine">The first line; incomplete if no whole line was printed in time.</param>
internal sealed record StartedProgram(int Pid, SafeDescriptor Pidfd, string FirstLine)
{
    /// <summary>The last entries are where a user's journals are, and where a command that was not compiled ahead of time finds its runtime.</summary>
    private static readonly string[] CleanEnvironment =
    [
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DOTNET_TieredCompilation=0",
        $"XDG_RUNTIME_DIR={Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR")}", $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}",
    ];

    /// <summary>Bounds a hang, not a duration: a program is ready within milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Starts a program, and returns once it has printed something; null, and the reason, if it could not be started.</summary>
    public static StartedProgram? Start(string program, string[] arguments, SafeDescriptor input, out string why)
    {
        Errno errno = Kernel.Pipe(out SafeDescriptor ready, out SafeDescriptor output);
        using (ready)
        {
            int pid = 0;
            using (output)
            {
                errno = errno.Ok ? ChildProcess.Start(program, arguments, CleanEnvironment, input, output, out pid) : errno;
            }

            if (!errno.Ok)
            {
                why = $"{program} could not be started: {errno}";
                return null;
            }

            errno = Kernel.PidfdOpen(pid, out SafeDescriptor pidfd);
            why = errno.Ok ? string.Empty : $"{program} was started but could not be checked: {errno}";
            return errno.Ok ? new StartedProgram(pid, pidfd, ReadLine(ready)) : null;
        }
    }

    private static string ReadLine(SafeDescriptor ready)
    {
        long end = Stopwatch.GetTimestamp() + MonotonicTicks.From(Patience);
        List<byte> line = [];
        Span<byte> buffer = stackalloc byte[256];
        while (Stopwatch.GetTimestamp() < end)
        {
            long left = Math.Max(0, end - Stopwatch.GetTimestamp());
            Errno errno = Kernel.WaitReadable(ready, ready, left, out bool isReadable, out _);
            int count = 0;
            errno = errno.Ok && isReadable ? Kernel.Read(ready, buffer, out count) : errno;
            line.AddRange(buffer[..Math.Max(0, count)]);
            if ((!errno.Ok && errno != Errno.EINTR) || (isReadable && count == 0) || line.Contains((byte)'\n'))
            {
                break;
            }
        }

        return Encoding.UTF8.GetString([.. line]).Split('\n')[0];
    }
}
