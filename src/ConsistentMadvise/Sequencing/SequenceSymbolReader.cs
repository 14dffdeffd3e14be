using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds the symbols in the kernel's type information, by name.</summary>
internal ref struct SequenceSymbolReader
{
    private readonly Btf _btf;
    private BtfFieldFinder _fields;
    private uint _task;
    private uint _mm;
    private SequenceAvailability? _obstacle;

    private SequenceSymbolReader(Btf btf)
    {
        _btf = btf;
        _fields = new BtfFieldFinder(btf);
    }

    /// <summary>Reads what <c>/sys/kernel/btf/vmlinux</c> holds.</summary>
    public static SequenceAvailability Read(ReadOnlySpan<byte> typeInformation, out SequenceSymbols? symbols)
    {
        symbols = null;
        BtfError error = Btf.TryOpen(typeInformation, out Btf btf);
        return error == BtfError.None
            ? new SequenceSymbolReader(btf).Read(out symbols)
            : new SequenceAvailability(
                SequenceObstacle.BadTypeInformation, $"The kernel's type information (/sys/kernel/btf/vmlinux) cannot be read: {error}.");
    }

    private SequenceAvailability Read(out SequenceSymbols? symbols)
    {
        _task = Structure("task_struct"u8);
        _mm = Structure("mm_struct"u8);
        SequenceSymbols found = new()
        {
            MmLockSequence = Sequence(),
            MmMapCount = Number(_mm, "map_count"u8, 4),
            TaskMm = Field(_task, "mm"u8, Uapi.BTF_KIND_PTR, out _),
            TaskPid = Number(_task, "pid"u8, 4),
            TaskTgid = Number(_task, "tgid"u8, 4),
            TaskStartBoottime = Number(_task, "start_boottime"u8, 8),
            TaskSelfExecId = Number(_task, "self_exec_id"u8, 8),
            TaskFromVpid = Function("bpf_task_from_vpid"u8),
            TaskFromPid = Function("bpf_task_from_pid"u8),
            TaskRelease = Function("bpf_task_release"u8),
            IterateTasks = Function("bpf_iter_task"u8),
        };
        if (_obstacle is null && (found.TaskRelease == 0 || (found.TaskFromVpid | found.TaskFromPid) == 0))
        {
            _obstacle = new SequenceAvailability(
                SequenceObstacle.FunctionMissing, "This kernel lets no eBPF program look up a process (bpf_task_from_vpid): it needs Linux 6.13 or later.");
        }

        symbols = _obstacle is null ? WithUsers(found) : null;
        return _obstacle ?? SequenceAvailability.Available;
    }

    /// <summary>Adds what the count of an address space's users needs, if all of it is there.</summary>
    private SequenceSymbols WithUsers(SequenceSymbols found)
    {
        bool isThere = TryFind(_mm, "mm_users"u8, Uapi.BTF_KIND_STRUCT, out BtfField users)
            & TryFind(_task, "signal"u8, Uapi.BTF_KIND_PTR, out BtfField signal)
            & TryFind(Structure("signal_struct"u8), "live"u8, Uapi.BTF_KIND_STRUCT, out BtfField live);
        return isThere ? found with { MmUsers = (short)users.Offset, TaskSignal = (short)signal.Offset, SignalLive = (short)live.Offset } : found;
    }

    /// <remarks>A counter is an <c>atomic_t</c>: <c>{ int counter; }</c>.</remarks>
    private bool TryFind(uint structure, ReadOnlySpan<byte> name, uint kind, out BtfField field) =>
        _fields.TryFind(structure, name, out field) && _fields.TryResolve(field.Type, out BtfType type) && type.Kind == kind
        && (kind == Uapi.BTF_KIND_PTR || (_fields.TryFind(field.Type, "counter"u8, out BtfField counter) && counter.Offset == 0 && IsNumber(counter, 4)));

    private readonly uint Structure(ReadOnlySpan<byte> name) => _btf.Find(Uapi.BTF_KIND_STRUCT, name);

    private readonly uint Function(ReadOnlySpan<byte> name) => _btf.Find(Uapi.BTF_KIND_FUNC, name);

    /// <remarks>
    /// An <c>int</c> is refused though a proof for it exists (it moves at each write unlock, and whoever reads the text or advises waits for the
    /// writer): it does not tell that a sharer of a frozen target is inside, it moves by 1 instead of 2, and the kernels that have it and the
    /// functions besides are 6.10 to 6.13, all past their end, and early 6.12.y, whose later ones have the seqcount.
    /// </remarks>
    private short Sequence()
    {
        if (_fields.TryFind(_mm, "mm_lock_seq"u8, out BtfField outer) && _fields.TryResolve(outer.Type, out BtfType type))
        {
            if (type.Kind == Uapi.BTF_KIND_INT)
            {
                return Refuse(
                    SequenceObstacle.IntegerSequence,
                    "This kernel's layout sequence (mm_struct.mm_lock_seq) is an int, which does not tell whether a change is under way: it needs Linux 6.14, or a late 6.12.y.");
            }

            // seqcount_t: { unsigned sequence; }, with lock checking { sequence; dep_map }
            if (_fields.TryFind(outer.Type, "sequence"u8, out BtfField inner) && IsNumber(inner, 4) && outer.Offset + inner.Offset <= short.MaxValue)
            {
                return (short)(outer.Offset + inner.Offset);
            }
        }

        return Refuse(
            SequenceObstacle.FieldMissing,
            "This kernel keeps no layout sequence (mm_struct.mm_lock_seq): it needs Linux 6.14, or a late 6.12.y, built with CONFIG_PER_VMA_LOCK.");
    }

    private short Number(uint structure, ReadOnlySpan<byte> name, uint bytes)
    {
        short offset = Field(structure, name, Uapi.BTF_KIND_INT, out BtfType type);
        return type.SizeOrType == bytes ? offset : RefuseField(name);
    }

    private short Field(uint structure, ReadOnlySpan<byte> name, uint kind, out BtfType type)
    {
        type = default;
        return _fields.TryFind(structure, name, out BtfField field) && _fields.TryResolve(field.Type, out type) && type.Kind == kind
            ? (short)field.Offset
            : RefuseField(name);
    }

    private readonly bool IsNumber(BtfField field, uint bytes) =>
        _fields.TryResolve(field.Type, out BtfType type) && type.Kind == Uapi.BTF_KIND_INT && type.SizeOrType == bytes;

    private short RefuseField(ReadOnlySpan<byte> name) => Refuse(
        SequenceObstacle.FieldMissing,
        $"The field {System.Text.Encoding.ASCII.GetString(name)} is not in this kernel's task_struct or mm_struct, or is not of the type that it should be.");

    /// <summary>The first obstacle counts.</summary>
    private short Refuse(SequenceObstacle obstacle, string reason)
    {
        _obstacle ??= new SequenceAvailability(obstacle, reason);
        return 0;
    }
}
