using System.Buffers.Text;
using System.Globalization;

namespace ConsistentMadvise;

/// <summary>Tells a process whose main thread has ended for good from one that is ending as a whole.</summary>
/// <remarks>In both the main thread is a zombie and others are there. In the second these others are on their way out: exiting, or with <c>SIGKILL</c> pending.</remarks>
internal static class MainThread
{
    private const ulong SigKillBit = 1 << (Interop.Uapi.SIGKILL - 1);

    /// <summary>Whether a thread of the process lives on. Of a process that has ended meanwhile none does.</summary>
    public static bool HasEndedAlone(ProcDirectory process, int pid)
    {
        try
        {
            foreach (string path in Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task")))
            {
                int tid = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
                if (tid != pid && process.ReadThreadStat(tid, out ProcStat stat).Ok && !stat.IsZombie && !stat.IsExiting && !IsKilled(process, tid))
                {
                    return true;
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            return false; // collected
        }

        return false;
    }

    private static bool IsKilled(ProcDirectory process, int tid) =>
        process.ReadThreadStatus(tid, "SigPnd:\t"u8, out ReadOnlySpan<byte> value, stackalloc byte[2048])
        && Utf8Parser.TryParse(value, out ulong pending, out _, 'x') && (pending & SigKillBit) != 0;
}
