using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Fuzz;

/// <summary>The kernel's type information: nothing throws, nothing is found beside what a walk over all types finds, and no place lies outside.</summary>
internal static class BtfFuzz
{
    /// <summary>Types are asked for one by one, and searched by members, up to this many: the time of one input is bounded.</summary>
    private const uint MaxTypes = 512;

    public static void Check(ReadOnlySpan<byte> input)
    {
        SequenceAvailability availability = SequenceSymbolReader.Read(input, out SequenceSymbols? symbols);
        Oracle.Same(availability.IsAvailable, symbols is not null);
        Oracle.Same(availability.IsAvailable, availability.Reason.Length == 0);
        BtfError error = Btf.TryOpen(input, out Btf btf);
        Oracle.Same(error != BtfError.None, availability.Obstacle == SequenceObstacle.BadTypeInformation);
        if (error != BtfError.None)
        {
            Oracle.Same(0, btf.Count);
            return;
        }

        CheckTypes(btf, input.Length);
        if (symbols is not null)
        {
            CheckSymbols(btf, symbols);
        }
    }

    private static void CheckTypes(Btf btf, int length)
    {
        Oracle.Holds(!btf.TryRead(0, out _) && !btf.TryRead((uint)btf.Count + 1, out _) && !btf.TryRead(uint.MaxValue, out _));
        uint task = 0, mm = 0;
        for (uint id = 1; id <= (uint)btf.Count; id++)
        {
            Oracle.Holds(btf.TryRead(id, out BtfType type));
            Oracle.Holds(type.Details <= length);
            bool isStructure = type.Kind == Uapi.BTF_KIND_STRUCT;
            task = task == 0 && isStructure && btf.HasName(type.Name, "task_struct"u8) ? id : task;
            mm = mm == 0 && isStructure && btf.HasName(type.Name, "mm_struct"u8) ? id : mm;
            if (id <= MaxTypes)
            {
                CheckMembers(btf, id, in type);
            }
        }

        Oracle.Same(task, btf.Find(Uapi.BTF_KIND_STRUCT, "task_struct"u8));
        Oracle.Same(mm, btf.Find(Uapi.BTF_KIND_STRUCT, "mm_struct"u8));
    }

    private static void CheckMembers(Btf btf, uint id, in BtfType type)
    {
        BtfFieldFinder finder = new(btf);
        if (finder.TryResolve(id, out BtfType resolved))
        {
            Oracle.Holds(resolved.Kind is not (Uapi.BTF_KIND_TYPEDEF or Uapi.BTF_KIND_CONST or Uapi.BTF_KIND_VOLATILE or Uapi.BTF_KIND_RESTRICT or Uapi.BTF_KIND_TYPE_TAG));
        }

        bool isFound = finder.TryFind(id, "pid"u8, out BtfField field);
        Oracle.Holds(!isFound || field.Offset is >= 0 and <= short.MaxValue);
        if (type.Kind is not (Uapi.BTF_KIND_STRUCT or Uapi.BTF_KIND_UNION))
        {
            return;
        }

        for (int i = 0; i < type.Count; i++)
        {
            btf.ReadMember(in type, i, out uint name, out uint memberType, out uint place);
            if (btf.HasName(name, "pid"u8) && name != 0)
            {
                // The first of that name is the one, unless it is no whole bytes or one before it, within another, is.
                bool isWhole = !type.Flag ? place % 8 == 0 : place >> 24 == 0 && place % 8 == 0;
                Oracle.Holds(isFound || !isWhole || place / 8 > short.MaxValue || i > 0);
                Oracle.Holds(i > 0 || !isFound || (field.Type == memberType && field.Offset == (int)(place / 8)));
                break;
            }
        }
    }

    /// <summary>The programs read at these places: each is inside a structure, and each function is one.</summary>
    private static void CheckSymbols(Btf btf, SequenceSymbols symbols)
    {
        ReadOnlySpan<short> places =
        [
            symbols.TaskMm, symbols.TaskPid, symbols.TaskTgid, symbols.TaskStartBoottime, symbols.TaskSelfExecId, symbols.MmLockSequence,
            symbols.MmMapCount, symbols.MmUsers, symbols.TaskSignal, symbols.SignalLive,
        ];
        foreach (short place in places)
        {
            Oracle.Holds(place >= 0);
        }

        Oracle.Holds(symbols.TaskRelease != 0 && (symbols.TaskFromVpid | symbols.TaskFromPid) != 0);
        foreach (uint function in (ReadOnlySpan<uint>)[symbols.TaskFromVpid, symbols.TaskFromPid, symbols.TaskRelease, symbols.IterateTasks])
        {
            Oracle.Holds(function == 0 || (btf.TryRead(function, out BtfType type) && type.Kind == Uapi.BTF_KIND_FUNC));
        }
    }
}
