using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines whether the sequence can be read here, by reading it.</summary>
internal static class SequenceProbe
{
    public const string TypeInformation = "/sys/kernel/btf/vmlinux";

    /// <summary>The inode number of the initial pid namespace: PROC_PID_INIT_INO of <c>include/linux/proc_ns.h</c>.</summary>
    private const ulong InitialPidNamespace = 0xEFFFFFFC;

    /// <summary>Probes with BTF from a file.</summary>
    public static SequenceReader Run(string path = TypeInformation)
    {
        Errno errno = KernelFile.Open(path, out KernelFile? file);
        using (file)
        {
            return file is null ? SequenceReader.Without(ExplainFile(path, errno)) : Run(file.Bytes);
        }
    }

    /// <summary>Probes with BTF as the kernel provides it.</summary>
    public static SequenceReader Run(ReadOnlySpan<byte> typeInformation)
    {
        SequenceAvailability availability = SequenceSymbolReader.Read(typeInformation, out SequenceSymbols? symbols);
        return symbols is null ? SequenceReader.Without(availability) : Run(symbols, IsInitialPidNamespace());
    }

    /// <summary>Probes with resolved symbols.</summary>
    public static SequenceReader Run(SequenceSymbols symbols, bool isInitialPidNamespace)
    {
        if (!BitConverter.IsLittleEndian)
        {
            return SequenceReader.Without(new SequenceAvailability(SequenceObstacle.Architecture, "Reading the layout sequence is supported only on little-endian machines."));
        }

        if (symbols.TaskFromVpid == 0 && !isInitialPidNamespace)
        {
            return SequenceReader.Without(new SequenceAvailability(
                SequenceObstacle.PidNamespace,
                "Outside the initial pid namespace, reading the layout sequence needs bpf_task_from_vpid: Linux 6.13 or later."));
        }

        SequenceAvailability availability = LoadReader(symbols, 1, out SafeDescriptor? single);
        if (single is null)
        {
            return SequenceReader.Without(availability);
        }

        SequenceReader reader = SequenceReader.With(
            symbols,
            single,
            (out SafeDescriptor? batch) => LoadReader(symbols, SequenceReader.MaxBatch, out batch),
            (out TaskIterator? iterator) => TaskIterator.Create(symbols, isInitialPidNamespace, out iterator));
        availability = SequenceSelfCheck.Run(reader);
        if (!availability.IsAvailable)
        {
            single.Dispose();
            return SequenceReader.Without(availability);
        }

        return reader;
    }

    /// <summary>Loads the reader for this many processes per call.</summary>
    public static SequenceAvailability LoadReader(SequenceSymbols symbols, int slots, out SafeDescriptor? program) => BpfLoader.Load(
        SequenceProgram.Assemble(symbols, slots),
        "cm_sequence"u8,
        new bpf_attr { prog_type = Uapi.BPF_PROG_TYPE_SYSCALL, prog_flags = Uapi.BPF_F_SLEEPABLE },
        out program);

    private static bool IsInitialPidNamespace()
    {
        Errno errno = Kernel.Open("/proc/self/ns/pid\0"u8, Uapi.O_RDONLY, out SafeDescriptor space);
        using (space)
        {
            return errno.Ok && Kernel.FileStatus(space, out ulong inode, out _).Ok && inode == InitialPidNamespace;
        }
    }

    private static SequenceAvailability ExplainFile(string path, Errno errno) =>
        errno == Errno.ENOENT ? new SequenceAvailability(
            SequenceObstacle.NoTypeInformation, $"There is no {path}: the kernel was built without CONFIG_DEBUG_INFO_BTF, or sysfs is not mounted.")
        : errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM ? BpfLoader.Explain(errno, string.Empty)
        : new SequenceAvailability(SequenceObstacle.NoTypeInformation, $"{path} cannot be read ({errno}).");
}
