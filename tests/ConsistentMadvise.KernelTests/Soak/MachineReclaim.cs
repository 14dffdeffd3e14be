namespace ConsistentMadvise.KernelTests;

/// <summary>What the machine pages out of its own accord: DAMON schemes (Documentation/admin-guide/mm/damon/usage.rst).</summary>
/// <remarks>
/// One takes pages that no process maps, and has isolated them for some milliseconds before they leave: a canary that maps one meanwhile loses it, though nothing has hinted it.
/// </remarks>
internal static class MachineReclaim
{
    private const string Threads = "/sys/kernel/mm/damon/admin/kdamonds";

    /// <summary>The files by which such schemes are switched off (<c>off</c>) and on again.</summary>
    public static string[] Switches() => Directory.Exists(Threads)
        ? [.. Directory.GetDirectories(Threads).Where(IsReclaiming).Select(static thread => $"{thread}/state")]
        : [];

    private static bool IsReclaiming(string thread) =>
        File.ReadAllText($"{thread}/state").TrimEnd() == "on"
        && Directory.EnumerateFiles(thread, "action", SearchOption.AllDirectories).Any(static action => File.ReadAllText(action).TrimEnd() == "pageout");
}
