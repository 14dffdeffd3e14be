using System.Text;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>
/// The hostile process: it obeys one-line commands on its standard input, answers each with <c>ok [values]</c> or <c>error ERRNO what</c>
/// when it is done, and otherwise leaves its own layout alone. It ends with its input.
/// </summary>
internal static class Program
{
    /// <summary>The loop that serves the standard input.</summary>
    public static CommandLoop Loop { get; } = new(0, 1);

    private static unsafe int Main()
    {
        // Children that end are not left as zombies: the target never waits for one.
        sigaction ignore = default;
        ignore.sa_handler = LibC.SIG_IGN;
        _ = LibC.sigaction(LibC.SIGCHLD, &ignore, null);

        MachineCode.Prepare();
        if (Rehearsal.Run() is string failure)
        {
            _ = Native.Write(2, Encoding.UTF8.GetBytes($"rehearsal: {failure}\n"), out _);
            return 1;
        }

        Loop.SayReady(Environment.ProcessId);
        Loop.Run();
        return 0;
    }
}
