using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Loads a program: the kernel verifies it and returns a descriptor.</summary>
internal static unsafe class BpfLoader
{
    /// <summary>The verifier aborts while a signal is pending, and the runtime signals its own threads.</summary>
    private const int MaxAttempts = 16;

    private const int LogBytes = 256 * 1024;
    private const int LogTail = 1500;

    /// <summary>Loads a program; adds code, licence and log to the attributes.</summary>
    public static SequenceAvailability Load(ReadOnlySpan<bpf_insn> code, ReadOnlySpan<byte> name, bpf_attr attributes, out SafeDescriptor? program)
    {
        program = null;
        name.CopyTo(MemoryMarshal.AsBytes(new Span<bpf_attr.Name>(ref attributes.prog_name)));
        fixed (bpf_insn* instructions = code)
        fixed (byte* license = "GPL\0"u8) // the functions that look up tasks are GPL-only
        {
            attributes.insns = (ulong)instructions;
            attributes.insn_cnt = (uint)code.Length;
            attributes.license = (ulong)license;
            Errno errno = Load(ref attributes, out SafeDescriptor loaded);
            if (errno.Ok)
            {
                program = loaded;
                return SequenceAvailability.Available;
            }

            return Explain(errno, errno == Errno.EPERM || errno == Errno.ENOSYS ? string.Empty : ReadLog(attributes));
        }
    }

    /// <summary>Explains an error of <c>bpf(2)</c> for reading sequences.</summary>
    public static SequenceAvailability Explain(Errno errno, string log)
    {
        if (errno == Errno.ENOSYS)
        {
            return new SequenceAvailability(SequenceObstacle.NoSystemCall, "bpf(2) is not available: the kernel was built without CONFIG_BPF_SYSCALL, or a seccomp filter hides it.");
        }

        if (errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM || errno == Errno.EAGAIN)
        {
            return new SequenceAvailability(SequenceObstacle.OutOfResources, $"The program that reads the layout sequence could not be loaded ({errno}); try again later.");
        }

        // With CAP_BPF alone a program is loaded, but refused if it follows a pointer.
        return errno == Errno.EPERM || log.Contains("CAP_PERFMON", StringComparison.Ordinal)
            ? new SequenceAvailability(
                SequenceObstacle.NotPermitted,
                "Reading the kernel's layout sequence needs CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) in the initial user namespace, and no seccomp filter on bpf(2).")
            : new SequenceAvailability(
                SequenceObstacle.ProgramRefused,
                string.Create(CultureInfo.InvariantCulture, $"The kernel refused the program that reads the layout sequence ({errno}). Its log ends: {log}"));
    }

    private static Errno Load(ref bpf_attr attributes, out SafeDescriptor program)
    {
        Errno errno = Kernel.BpfLoad(ref attributes, out program);
        for (int attempt = 1; errno == Errno.EAGAIN && attempt < MaxAttempts; attempt++)
        {
            errno = Kernel.BpfLoad(ref attributes, out program);
        }

        return errno;
    }

    /// <summary>Loads again for the log, which makes verification several times slower.</summary>
    private static string ReadLog(bpf_attr attributes)
    {
        byte[] log = new byte[LogBytes];
        fixed (byte* start = log)
        {
            attributes.log_level = 1;
            attributes.log_size = LogBytes;
            attributes.log_buf = (ulong)start;
            Load(ref attributes, out SafeDescriptor program);
            program.Dispose();
        }

        int length = Math.Max(0, log.AsSpan().IndexOf((byte)0));
        string text = Encoding.UTF8.GetString(log, 0, length).Trim();
        return text.Length > LogTail ? text[^LogTail..] : text;
    }
}
