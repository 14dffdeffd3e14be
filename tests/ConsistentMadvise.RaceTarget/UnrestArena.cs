using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The address space that <see cref="Unrest"/> works in: cells with room between them, so that none merges with another.</summary>
/// <remarks>An operation that a cell is not fit for begins with new memory in it, so that each succeeds; the number of VMAs is bounded by the cells' pages.</remarks>
internal sealed class UnrestArena(ulong start, UnrestOrder order)
{
    /// <summary>What the slot must have room for.</summary>
    public const ulong Bytes = 16 << 20;

    private const int Cells = 64;
    private const int CellPages = 16;
    private const ulong CellStride = 2 * CellPages * Native.PageSize;

    // The guard gap of a VMA that grows down, below which nothing may lie, is a mebibyte.
    private const ulong StackTop = (Cells * CellStride) + (4 << 20);
    private const int StackPages = 32;

    private static readonly int PrivateAnonymous = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED;
    private static readonly int ReadWrite = LibC.PROT_READ | LibC.PROT_WRITE;

    // asm-generic/mman-common.h: those that are kept in the VMA. NORMAL, RANDOM, SEQUENTIAL, DONTFORK, DOFORK
    private static readonly byte[] Advice = [0, 1, 2, 10, 11];

    private readonly UnrestCell[] _cells = new UnrestCell[Cells];
    private int _stack;

    public int Map() => MapNew(order.Number(Cells), 1 + order.Number(CellPages / 2));

    /// <summary>A whole cell, or a part that leaves the rest.</summary>
    public int Unmap()
    {
        int index = order.Number(Cells);
        ref UnrestCell cell = ref _cells[index];
        ulong address = Address(index);
        if (cell.Pages < 2 || order.Number(2) == 0)
        {
            cell = default;
            return Native.Unmap(address, CellPages * Native.PageSize);
        }

        cell.IsWhole = cell.IsSolid = false;
        return Native.Unmap(address + ((ulong)order.Number(cell.Pages) * Native.PageSize), Native.PageSize);
    }

    public int Protect()
    {
        int errno = Part(out ulong address, out ulong length);
        int kind = order.Number(3);
        int protection = kind == 0 ? LibC.PROT_NONE : kind == 1 ? LibC.PROT_READ : ReadWrite;
        return errno != 0 ? errno : Native.Protect(address, length, protection);
    }

    /// <summary><c>mremap(2)</c> in place; a cell that is full shrinks.</summary>
    public int Grow()
    {
        int errno = Whole(out int index);
        ref UnrestCell cell = ref _cells[index];
        ulong old = (ulong)cell.Pages * Native.PageSize;
        cell.Pages = cell.Pages < CellPages ? cell.Pages + 1 + order.Number(CellPages - cell.Pages) : CellPages / 2;
        return errno != 0 ? errno : Native.Remap(Address(index), old, (ulong)cell.Pages * Native.PageSize, 0, 0, out _);
    }

    /// <summary>To another cell, whose memory goes; the source is left empty or unmapped.</summary>
    public int Move(bool dontUnmap)
    {
        int errno = Whole(out int source);
        int destination = (source + 1 + order.Number(Cells - 1)) % Cells;
        errno = errno != 0 ? errno : Clear(destination);
        ulong length = (ulong)_cells[source].Pages * Native.PageSize;
        _cells[destination] = _cells[source];
        _cells[source] = dontUnmap ? _cells[source] : default;
        int flags = LibC.MREMAP_MAYMOVE | LibC.MREMAP_FIXED | (dontUnmap ? Native.MREMAP_DONTUNMAP : 0);
        return errno != 0 ? errno : Native.Remap(Address(source), length, length, flags, Address(destination), out _);
    }

    /// <summary>New memory in one call: with the same line in maps (ABA), or with the other protection.</summary>
    public int Replace(bool same)
    {
        int errno = Whole(out int index);
        ref UnrestCell cell = ref _cells[index];
        cell.IsReadOnly ^= !same;
        int protection = cell.IsReadOnly ? LibC.PROT_READ : ReadWrite;
        return errno != 0 ? errno : Native.Map(Address(index), (ulong)cell.Pages * Native.PageSize, protection, PrivateAnonymous, -1, out _);
    }

    /// <summary>A VMA that grows down, as stacks do; full grown it is unmapped.</summary>
    public int GrowStack()
    {
        ulong top = start + StackTop;
        int grown = _stack;
        _stack = grown >= StackPages ? 0 : grown + 1 + order.Number(4);
        return _stack == 0 ? Native.Unmap(top - ((ulong)grown * Native.PageSize), (ulong)grown * Native.PageSize)
            : grown == 0 ? Native.Map(top - ((ulong)_stack * Native.PageSize), (ulong)_stack * Native.PageSize, ReadWrite, PrivateAnonymous | LibC.MAP_GROWSDOWN, -1, out _)
            : StackCommand.Touch(top - ((ulong)_stack * Native.PageSize));
    }

    /// <summary>Advice for a part of a cell that its VMA keeps; given by the caller.</summary>
    public int Advise(out ulong address, out ulong length, out int advice)
    {
        int errno = Part(out address, out length);
        advice = Advice[order.Number(Advice.Length)];
        return errno;
    }

    public int Lock(bool locks)
    {
        int errno = Whole(out int index);
        ulong length = (ulong)_cells[index].Pages * Native.PageSize;
        return errno != 0 ? errno : locks ? Native.Lock(Address(index), length) : Native.Unlock(Address(index), length);
    }

    /// <summary>A file without a name, shared.</summary>
    public int MapMemfd()
    {
        int index = order.Number(Cells);
        ulong length = (ulong)(1 + order.Number(CellPages)) * Native.PageSize;
        int errno = Clear(index);
        int file = -1;
        errno = errno != 0 ? errno : BackingCommands.CreateMemfd(length, out file);
        errno = errno != 0 ? errno : Native.Map(Address(index), length, ReadWrite, LibC.MAP_SHARED | LibC.MAP_FIXED, file, out _);
        _cells[index] = new UnrestCell { Pages = (int)(length / Native.PageSize), IsSolid = true };
        return errno != 0 ? errno : Native.Close(file);
    }

    /// <summary>An emptied cell in which another process will map this many pages.</summary>
    public int Offer(int pages, out ulong address)
    {
        int index = order.Number(Cells);
        address = Address(index);
        int errno = Clear(index);
        _cells[index] = new UnrestCell { Pages = pages, IsWhole = true, IsSolid = true };
        return errno;
    }

    /// <summary>Unmaps it all.</summary>
    public int Leave() => Native.Unmap(start, Bytes);

    /// <summary>A cell of one VMA of private anonymous memory.</summary>
    private int Whole(out int index)
    {
        index = order.Number(Cells);
        return _cells[index].IsWhole ? 0 : MapNew(index, 1 + order.Number(CellPages / 2));
    }

    /// <summary>A part of a cell, without a hole in it, that the caller makes different from the rest.</summary>
    private int Part(out ulong address, out ulong length)
    {
        int index = order.Number(Cells);
        int errno = _cells[index].IsSolid ? 0 : MapNew(index, 1 + order.Number(CellPages));
        ref UnrestCell cell = ref _cells[index];
        int first = order.Number(cell.Pages);
        address = Address(index) + ((ulong)first * Native.PageSize);
        length = (ulong)(1 + order.Number(cell.Pages - first)) * Native.PageSize;
        cell.IsWhole = false;
        return errno;
    }

    private int MapNew(int index, int pages)
    {
        int errno = Clear(index);
        errno = errno != 0 ? errno : Native.Map(Address(index), (ulong)pages * Native.PageSize, ReadWrite, PrivateAnonymous, -1, out _);
        if (errno == 0)
        {
            Memory.Fill(Address(index), Native.PageSize);
        }

        _cells[index] = new UnrestCell { Pages = pages, IsWhole = true, IsSolid = true };
        return errno;
    }

    private int Clear(int index)
    {
        bool isEmpty = _cells[index].Pages == 0;
        _cells[index] = default;
        return isEmpty ? 0 : Native.Unmap(Address(index), CellPages * Native.PageSize);
    }

    private ulong Address(int index) => start + ((ulong)index * CellStride);
}
