using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>How much of some VMAs is in memory: the <c>Rss:</c> lines of <c>/proc/PID/smaps</c> (proc_pid_smaps(5)).</summary>
internal static class Residency
{
    private const int Looks = 20;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns the resident bytes, and looks again a few times while they are fewer than expected: pages that the kernel moves at that moment (compaction) are not counted.</summary>
    public static async Task<ulong> ReadAsync(int pid, IReadOnlyCollection<AddressRange> vmas, ulong expected, CancellationToken cancellationToken)
    {
        ulong most = Read(pid, vmas);
        for (int look = 1; look < Looks && most < expected; look++)
        {
            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false);
            most = Math.Max(most, Read(pid, vmas));
        }

        return most;
    }

    /// <summary>Returns the resident bytes of the VMAs that start at a range's start.</summary>
    public static ulong Read(int pid, IReadOnlyCollection<AddressRange> vmas)
    {
        ulong bytes = 0;
        bool isCounted = false;
        foreach (string line in File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/smaps").Split('\n'))
        {
            if (AddressRange.TryParse(line.Split(' ', 2)[0], null, out AddressRange range))
            {
                isCounted = vmas.Any(vma => vma.Start == range.Start);
            }
            else if (isCounted && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                bytes += 1024 * ulong.Parse(line.AsSpan(4).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
            }
        }

        return bytes;
    }
}
