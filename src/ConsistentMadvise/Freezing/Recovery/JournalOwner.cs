using System.Globalization;

namespace ConsistentMadvise;

/// <summary>Whose journal it is, and where its numbers mean something.</summary>
/// <param name="BootId">The boot in which it was written: <c>/proc/sys/kernel/random/boot_id</c>.</param>
/// <param name="PidNamespace">The pid namespace of its pids, as the link <c>/proc/self/ns/pid</c> reads (pid_namespaces(7)).</param>
/// <param name="Pid">The process that wrote it.</param>
internal sealed record JournalOwner(string BootId, string PidNamespace, int Pid)
{
    public const string FileName = "owner";

    private const string Version = "cm1";

    public static JournalOwner Current { get; } = new(
        File.ReadAllText("/proc/sys/kernel/random/boot_id").TrimEnd(),
        new FileInfo("/proc/self/ns/pid").LinkTarget ?? "unknown",
        Environment.ProcessId);

    public static JournalOwner? Parse(string text) =>
        text.TrimEnd('\n').Split(' ') is [Version, var boot, var pidNamespace, var pid] && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? new JournalOwner(boot, pidNamespace, number)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version} {BootId} {PidNamespace} {Pid}\n");
}
