using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Has the kernel check a program and make a descriptor of it.</summary>
internal static unsafe class BpfLoader
{
    /// <summary>The check gives up while a signal is pending, and the runtime sends its threads signals of its own.</summary>
    private const int MaxAttempts = 16;

    private const int LogBytes = 256 * 1024;
    private const int LogTail = 1500;

    /// <summary>Loads a program; what the attributes lack is its code, its licence and a log.</summary>
    public static SequenceAvailability Load(ReadOnlySpan<bpf_insn> code, ReadOnlySpan<byte> name, bpf_attr attributes, out SafeDescriptor? program)
    {
        program = null;
        name.CopyTo(MemoryMarshal.AsBytes(new Span<bpf_attr.Name>(ref attributes.prog_name)));
        fixed (bpf_insn* instructions = code)
        fixed (byte* license = "GPL\0"u8) // the kernel lends functions that find tasks to such programs only
        {
            attributes.insns = (ulong)instructions;
            attributes.insn_cnt = (uint)code.Length;
            attributes.license = (ulong)license;
            Errno errno = Load(ref attributes, out int descriptor);
            if (errno.Ok)
            {
                program = new SafeDescriptor(descriptor);
                return SequenceAvailability.Available;
            }

            return Explain(errno, errno == Errno.EPERM || errno == Errno.ENOSYS ? string.Empty : ReadLog(attributes));
        }
    }

    /// <summary>What an error of <c>bpf(2)</c> means for the reading of sequences.</summary>
    public static SequenceAvailability Explain(Errno errno, string log)
    {
        if (errno == Errno.ENOSYS)
        {
            return new SequenceAvailability(SequenceObstacle.NoSystemCall, "This kernel has no bpf(2): it was built without CONFIG_BPF_SYSCALL, or a seccomp filter hides it.");
        }

        if (errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM || errno == Errno.EAGAIN)
        {
            return new SequenceAvailability(SequenceObstacle.OutOfResources, $"The program that reads the layout sequence could not be loaded just now ({errno}).");
        }

        // With CAP_BPF alone a program is loaded, and refused where it follows a pointer.
        return errno == Errno.EPERM || log.Contains("CAP_PERFMON", StringComparison.Ordinal)
            ? new SequenceAvailability(
                SequenceObstacle.NotPermitted,
                "Reading the kernel's layout sequence needs CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) in the initial user namespace, and no seccomp filter on bpf(2).")
            : new SequenceAvailability(
                SequenceObstacle.ProgramRefused,
                string.Create(CultureInfo.InvariantCulture, $"The kernel refused the program that reads the layout sequence ({errno}). Its log ends: {log}"));
    }

    private static Errno Load(ref bpf_attr attributes, out int descriptor)
    {
        Errno errno = Kernel.Bpf(Uapi.BPF_PROG_LOAD, ref attributes, out descriptor);
        for (int attempt = 1; errno == Errno.EAGAIN && attempt < MaxAttempts; attempt++)
        {
            errno = Kernel.Bpf(Uapi.BPF_PROG_LOAD, ref attributes, out descriptor);
        }

        return errno;
    }

    /// <summary>Loads once more, for the log: to write it makes the check several times slower.</summary>
    private static string ReadLog(bpf_attr attributes)
    {
        byte[] log = new byte[LogBytes];
        fixed (byte* start = log)
        {
            attributes.log_level = 1;
            attributes.log_size = LogBytes;
            attributes.log_buf = (ulong)start;
            if (Load(ref attributes, out int descriptor).Ok)
            {
                Kernel.Close(descriptor);
            }
        }

        int length = Math.Max(0, log.AsSpan().IndexOf((byte)0));
        string text = Encoding.UTF8.GetString(log, 0, length).Trim();
        return text.Length > LogTail ? text[^LogTail..] : text;
    }
}
