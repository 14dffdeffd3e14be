using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The owner of a journal, and where its pids are valid.</summary>
/// <param name="BootId">The boot in which it was written: <c>/proc/sys/kernel/random/boot_id</c>; <see cref="Unknown"/> if that cannot be read.</param>
/// <param name="PidNamespace">The pid namespace of its pids, as the link <c>/proc/self/ns/pid</c> reads (pid_namespaces(7)).</param>
/// <param name="Pid">The process that wrote it.</param>
/// <param name="Process">The same process with what distinguishes it from the next one with its pid; null if that is not recorded.</param>
internal sealed record JournalOwner(string BootId, string PidNamespace, int Pid, ProcessIdentity? Process = null)
{
    public const string FileName = "owner";

    /// <summary>A value that could not be read. It neither equals nor differs from any other.</summary>
    public const string Unknown = "unknown";

    private const string Version = "cm3";

    public static JournalOwner Current => new(
        ReadBootId(),
        NamespaceInode("/proc/self/ns/pid\0"u8) is > 0 and var inode ? string.Create(CultureInfo.InvariantCulture, $"pid:[{inode}]") : Unknown,
        Environment.ProcessId,
        ReadOwnIdentity());

    /// <summary>Whether the journal is certainly from another boot.</summary>
    public bool IsOfOtherBoot(JournalOwner other) => BootId != Unknown && other.BootId != Unknown && BootId != other.BootId;

    /// <summary>Whether the journal is certainly from the same boot.</summary>
    public bool IsOfSameBoot(JournalOwner other) => BootId != Unknown && BootId == other.BootId;

    /// <summary>Whether pids refer to the same processes for both.</summary>
    public bool SharesPids(JournalOwner other) => PidNamespace != Unknown && PidNamespace == other.PidNamespace;

    public static JournalOwner? Parse(string text) => text.TrimEnd('\n').Split(' ') switch
    {
        ["cm1" or "cm2", var boot, var pidNamespace, var pid] when TryParse(pid, out int number) => new JournalOwner(boot, pidNamespace, number),
        [Version, var boot, var pidNamespace, var pid, var start, var inode] when TryParse(pid, out int number)
            && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out ulong time)
            && ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out ulong pidfd)
            => new JournalOwner(boot, pidNamespace, number, time == 0 ? null : new ProcessIdentity(number, time, pidfd)),
        _ => null,
    };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version} {BootId} {PidNamespace} {Pid} {Process?.StartTime ?? 0} {Process?.PidfdInode ?? 0}\n");

    private static bool TryParse(string text, out int pid) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out pid);

    private static ProcessIdentity? ReadOwnIdentity()
    {
        int pid = Environment.ProcessId;
        Errno errno = Kernel.PidfdOpen(pid, out SafeDescriptor pidfd);
        using (pidfd)
        {
            return errno.Ok && ProcFile.ReadStat(pid, out ProcStat stat).Ok ? new ProcessIdentity(pid, stat.StartTime, PidfdIdentity.Read(pidfd)) : null;
        }
    }

    /// <remarks>A procfs mounted with <c>subset=pid</c> has no <c>/proc/sys</c>.</remarks>
    private static string ReadBootId()
    {
        Span<byte> text = stackalloc byte[64];
        Errno errno = Kernel.Open("/proc/sys/kernel/random/boot_id\0"u8, Uapi.O_RDONLY, out LocalFile file);
        using (file)
        {
            int count = 0;
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            return errno.Ok && Guid.TryParse(text[..count].TrimEnd((byte)'\n'), out Guid id) ? id.ToString() : Unknown;
        }
    }

    private static ulong NamespaceInode(ReadOnlySpan<byte> path)
    {
        Errno errno = Kernel.Open(path, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            return errno.Ok && Kernel.FileStatus(file, out ulong inode, out _).Ok ? inode : 0;
        }
    }
}
