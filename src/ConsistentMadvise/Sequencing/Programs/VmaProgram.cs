using ConsistentMadvise.Interop;
using static ConsistentMadvise.BpfRegister;

namespace ConsistentMadvise;

/// <summary>The program that walks an address space's maple tree to the VMAs at given addresses, and reads each one's own sequence, to a <see cref="VmaRequest"/>.</summary>
/// <remarks>
/// It takes no lock. A writer replaces nodes only while the address space is locked for writing, so a walk between two equal, even readings of
/// <c>mm_lock_seq</c> has seen one tree; any other is marked as unsettled. Every load is fault-proof, and every loop is bounded, so a walk through
/// nodes that were freed meanwhile is harmless. Numbers become pointers by <c>bpf_rdonly_cast</c>, which costs nothing at run time; words are read as pivots, which
/// are numbers to the verifier, whereas it takes slots for pointers.
/// </remarks>
internal static class VmaProgram
{
    private const int WordBytes = 8;

    /// <summary>The key of the map, and the place of the fences.</summary>
    private const short KeyAt = -16;
    private const short FenceAt = -8;

    // enum maple_type, in bits 3 to 6 of an encoded node; a root that is a node has 2 in its two lowest bits.
    private const int TypeShift = 3, TypeMask = 0xf, Leaf = 1, GapRange = 3;
    private const int NodeMask = ~0xff;
    private const int RootMask = 3, NodeRoot = 2;

    /// <summary>Higher than any tree of 2^31 VMAs; only a walk through reused memory goes on.</summary>
    private const int MaxDepth = 32;

    /// <summary>How many walks of one call may be repeated: some 200 us of a writer that stays inside.</summary>
    private const int MaxRetries = 4096;

    private const int EntryShift = 5;
    private const BpfRegister Request = R6;
    private const BpfRegister Task = R7;
    private const BpfRegister Mm = R8;
    private const BpfRegister Found = R9;

    /// <param name="symbols">The kernel's offsets and functions, with those of the tree.</param>
    /// <param name="map">The descriptor of the map whose slots are <see cref="VmaRequest"/>s. The context is the number of a slot.</param>
    public static bpf_insn[] Assemble(SequenceSymbols symbols, int map)
    {
        TreeSymbols tree = symbols.Tree!;
        BpfAssembler code = new();
        BpfLabel exit = code.NewLabel(), release = code.NewLabel();
        FindSlot(code, map, exit);
        code.Load32(R1, Request, VmaRequest.PidAt);
        code.CallKernel(symbols.TaskFromVpid != 0 ? symbols.TaskFromVpid : symbols.TaskFromPid);
        code.JumpIfZero(R0, exit);
        code.Move(Task, R0);
        Copy64(code, symbols.TaskStartBoottime, VmaRequest.StartBoottimeAt);
        State(code, SequenceState.NoAddressSpace);
        code.Load64(Mm, Task, symbols.TaskMm);
        code.JumpIfZero(Mm, release);
        Copy64(code, symbols.TaskSelfExecId, VmaRequest.ExecIdAt);
        code.Store64(Request, VmaRequest.MmAt, Mm);
        WalkAll(code, symbols, tree);
        State(code, SequenceState.Replaced);
        code.Load64(R1, Task, symbols.TaskMm);
        code.JumpIfNotEqual(R1, Mm, release);
        State(code, SequenceState.Read);
        code.Mark(release);
        code.Move(R1, Task);
        code.CallKernel(symbols.TaskRelease);
        code.Mark(exit);
        code.Move(R0, 0);
        code.Exit();
        return code.Assemble();
    }

    private static void FindSlot(BpfAssembler code, int map, BpfLabel exit)
    {
        code.Load32(R1, R1, 0);
        code.Store32(Frame, KeyAt, R1);
        code.Move(R1, 0);
        code.Store64(Frame, FenceAt, R1);
        code.LoadMap(R1, map);
        code.Move(R2, Frame);
        code.Add(R2, KeyAt);
        code.CallHelper(Uapi.BPF_FUNC_map_lookup_elem);
        code.JumpIfZero(R0, exit);
        code.Move(Request, R0);
        State(code, SequenceState.NotFound);
    }

    private static void WalkAll(BpfAssembler code, SequenceSymbols symbols, TreeSymbols tree)
    {
        BpfLabel next = code.NewLabel(), end = code.NewLabel(), settle = code.NewLabel(), descend = code.NewLabel(), repeat = code.NewLabel();
        code.Mark(next);
        code.MayGoto(end);
        BeginEntry(code, end);
        code.Load32(R1, Mm, symbols.MmLockSequence);
        code.Store32(Found, VmaReading.SequenceAt, R1);
        code.And(R1, 1);
        code.JumpIfNotEqual(R1, 0, repeat); // a writer is inside
        code.Fence(FenceAt);
        LoadRoot(code, tree, settle);

        code.Mark(descend);
        code.MayGoto(end);
        Descend(code, tree, descend, settle);
        code.Mark(settle);
        code.Fence(FenceAt);
        code.Load32(R1, Mm, symbols.MmLockSequence);
        code.Load32(R2, Found, VmaReading.SequenceAt);
        code.JumpIfEqual(R1, R2, next);
        code.Move(R1, 1);
        code.Store32(Found, VmaReading.SequenceAt, R1);

        code.Mark(repeat);
        code.Load32(R1, Request, VmaRequest.RetriesAt);
        code.JumpIfNotBelow(R1, MaxRetries, next);
        code.Add(R1, 1);
        code.Store32(Request, VmaRequest.RetriesAt, R1);
        code.Load32(R1, Request, VmaRequest.DoneAt);
        code.Add(R1, -1);
        code.Store32(Request, VmaRequest.DoneAt, R1);
        code.Jump(next);
        code.Mark(end);
    }

    /// <summary>Points to the next entry and clears it.</summary>
    private static void BeginEntry(BpfAssembler code, BpfLabel end)
    {
        code.Load32(R1, Request, VmaRequest.DoneAt);
        code.Load32(R2, Request, VmaRequest.CountAt);
        code.JumpIfNotBelow(R1, R2, end);
        code.JumpIfNotBelow(R1, VmaRequest.MaxEntries, end);
        code.Move(Found, R1);
        code.ShiftLeft(Found, EntryShift);
        code.Add(Found, Request);
        code.Add(Found, VmaRequest.Bytes);
        code.Add(R1, 1);
        code.Store32(Request, VmaRequest.DoneAt, R1);
        code.Move(R1, 0);
        code.Store64(Found, VmaReading.StartAt, R1);
        code.Store64(Found, VmaReading.EndAt, R1);
        code.Store32(Request, VmaRequest.DepthAt, R1);
    }

    /// <summary>Begins at the root, which in an address space with less than two VMAs is not a node.</summary>
    private static void LoadRoot(BpfAssembler code, TreeSymbols tree, BpfLabel settle)
    {
        code.Move(R1, Mm);
        code.Add(R1, tree.MmRoot - tree.Pivots);
        Cast(code, tree, tree.NodeType);
        code.Load64(R1, R0, tree.Pivots);
        code.Store64(Request, VmaRequest.NodeAt, R1);
        code.And(R1, RootMask);
        code.JumpIfNotEqual(R1, NodeRoot, settle);
    }

    /// <summary>Goes from a node to the slot that contains the address: an inner node leads down, a leaf to the VMA.</summary>
    private static void Descend(BpfAssembler code, TreeSymbols tree, BpfLabel descend, BpfLabel settle)
    {
        BpfLabel take = code.NewLabel(), gaps = code.NewLabel(), vma = code.NewLabel();
        code.Load32(R1, Request, VmaRequest.DepthAt);
        code.JumpIfNotBelow(R1, MaxDepth, settle);
        code.Add(R1, 1);
        code.Store32(Request, VmaRequest.DepthAt, R1);
        code.Load64(R1, Request, VmaRequest.NodeAt);
        code.And(R1, NodeMask);
        Cast(code, tree, tree.NodeType);
        code.Load64(R2, Found, VmaReading.AddressAt);
        LoadType(code, R1);
        code.JumpIfEqual(R1, GapRange, gaps);
        FindInNode(code, tree, tree.RangeSlots, take);
        code.Mark(gaps);
        FindInNode(code, tree, tree.GapSlots, take);

        code.Mark(take); // R4 is the slot's offset
        code.Load64(R1, Request, VmaRequest.NodeAt);
        code.And(R1, NodeMask);
        code.Add(R1, R4);
        Cast(code, tree, tree.NodeType);
        code.Load64(R1, R0, tree.Pivots);
        LoadType(code, R2);
        code.JumpIfEqual(R2, Leaf, vma);
        code.Store64(Request, VmaRequest.NodeAt, R1);
        code.Jump(descend);

        code.Mark(vma);
        code.JumpIfZero(R1, settle); // nothing is mapped there
        Cast(code, tree, tree.VmaType);
        code.Load64(R1, R0, tree.VmaStart);
        code.Store64(Found, VmaReading.StartAt, R1);
        code.Load64(R1, R0, tree.VmaEnd);
        code.Store64(Found, VmaReading.EndAt, R1);
        code.Load32(R1, R0, tree.VmaSequence);
        code.Store32(Found, VmaReading.LockedAtAt, R1);
    }

    /// <summary>Finds the slot whose pivot is the first not below the address. A pivot of 0 after the first ends the node early; the last slot has none.</summary>
    private static void FindInNode(BpfAssembler code, TreeSymbols tree, short slots, BpfLabel take)
    {
        int pivots = (slots - tree.Pivots) / WordBytes;
        for (int i = 0; i < pivots; i++)
        {
            code.Load64(R3, R0, checked((short)(tree.Pivots + i * WordBytes)));
            code.Move(R4, slots - tree.Pivots + i * WordBytes);
            if (i > 0)
            {
                code.JumpIfZero(R3, take);
            }

            code.JumpIfNotAbove(R2, R3, take);
        }

        code.Move(R4, slots - tree.Pivots + pivots * WordBytes);
        code.Jump(take);
    }

    private static void LoadType(BpfAssembler code, BpfRegister to)
    {
        code.Load64(to, Request, VmaRequest.NodeAt);
        code.ShiftRight(to, TypeShift);
        code.And(to, TypeMask);
    }

    /// <summary>Makes the number or pointer in R1 a pointer to a type, in R0. R1 to R5 are lost.</summary>
    private static void Cast(BpfAssembler code, TreeSymbols tree, uint type)
    {
        code.Move(R2, checked((int)type));
        code.CallKernel(tree.ReadOnlyCast);
    }

    private static void Copy64(BpfAssembler code, short from, short to)
    {
        code.Load64(R1, Task, from);
        code.Store64(Request, to, R1);
    }

    private static void State(BpfAssembler code, SequenceState state)
    {
        code.Move(R1, (int)state);
        code.Store32(Request, VmaRequest.StateAt, R1);
    }
}
