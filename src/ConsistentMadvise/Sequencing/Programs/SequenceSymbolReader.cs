using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks up the symbols in the kernel's BTF by their names.</summary>
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

    /// <summary>Reads the content of <c>/sys/kernel/btf/vmlinux</c>.</summary>
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
                SequenceObstacle.FunctionMissing, "This kernel has no bpf_task_from_vpid for eBPF programs; Linux 6.13 or later is needed.");
        }

        symbols = _obstacle is null ? WithUsers(found) with { Tree = TreeSymbolReader.Read(_btf) } : null;
        return _obstacle ?? SequenceAvailability.Available;
    }

    /// <summary>Adds the symbols for counting the users of an address space, if all exist.</summary>
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
    /// An <c>int</c> is refused although it could be used (it moves at each write unlock, and reading the text or advising waits for the
    /// writer): it does not show that a sharer of a frozen target holds the lock, it moves by 1 instead of 2, and the kernels that have both it and
    /// the functions are 6.10 to 6.13, all end-of-life, and early 6.12.y, whose later releases have the seqcount.
    /// </remarks>
    private short Sequence()
    {
        if (_fields.TryFind(_mm, "mm_lock_seq"u8, out BtfField outer) && _fields.TryResolve(outer.Type, out BtfType type))
        {
            if (type.Kind == Uapi.BTF_KIND_INT)
            {
                return Refuse(
                    SequenceObstacle.IntegerSequence,
                    "This kernel's layout sequence (mm_struct.mm_lock_seq) is an int, which does not show whether a change is in progress; Linux 6.14 or a late 6.12.y is needed.");
            }

            // seqcount_t: { unsigned sequence; }, with lock checking { sequence; dep_map }
            if (_fields.TryFind(outer.Type, "sequence"u8, out BtfField inner) && IsNumber(inner, 4) && outer.Offset + inner.Offset <= short.MaxValue)
            {
                return (short)(outer.Offset + inner.Offset);
            }
        }

        return Refuse(
            SequenceObstacle.FieldMissing,
            "This kernel has no layout sequence (mm_struct.mm_lock_seq); Linux 6.14 or a late 6.12.y with CONFIG_PER_VMA_LOCK is needed.");
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
        $"The field {System.Text.Encoding.ASCII.GetString(name)} is missing from this kernel's task_struct or mm_struct, or has an unexpected type.");

    /// <summary>Records an obstacle; the first one counts.</summary>
    private short Refuse(SequenceObstacle obstacle, string reason)
    {
        _obstacle ??= new SequenceAvailability(obstacle, reason);
        return 0;
    }
}
