using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>The VMAs of a process as one capture saw them, in address order, and their token.</summary>
/// <remarks>
/// Immutable, safe for use by several threads, and readable after its target is disposed. A snapshot of a running process is not
/// atomic (since Linux 6.17 not even one read of <c>/proc/PID/maps</c> is): <see cref="IsStable"/> says whether the layout changed during the capture.
/// Planning from an unstable one is safe: the recheck compares the token with a read of the frozen target, and a text that
/// was never the layout never matches.
/// </remarks>
public sealed class LayoutSnapshot : IReadOnlyList<Vma>
{
    private readonly VmaTable _vmas;

    internal LayoutSnapshot(VmaTable vmas, LayoutToken token, AddressSpace? space, bool isStable, int reads, DateTimeOffset capturedAt, SequenceStamp? readSince = null)
    {
        _vmas = vmas;
        Token = token;
        Space = space;
        IsStable = isStable;
        Reads = reads;
        CapturedAt = capturedAt;
        ReadSince = readSince;
    }

    /// <summary>Gets the token of this layout.</summary>
    public LayoutToken Token { get; }

    /// <summary>Returns the process and its number of VMAs.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {Process.Pid}, {Count} VMAs{(IsStable ? string.Empty : ", not stable")}");

    /// <summary>Gets the process that was captured.</summary>
    public ProcessIdentity Process => Token.Process;

    /// <summary>Gets whether the layout did not change while it was read: the sequence did not move, or two reads in a row gave the same text.</summary>
    public bool IsStable { get; }

    /// <summary>Gets how many times the text was read; 0 if an earlier capture was still valid.</summary>
    public int Reads { get; }

    /// <summary>Gets the time of the capture, UTC.</summary>
    public DateTimeOffset CapturedAt { get; }

    /// <summary>Gets the number of VMAs.</summary>
    public int Count => _vmas.Count;

    internal AddressSpace? Space { get; }

    /// <summary>The sequence before the text was read, if that could be read: a VMA that was not locked since is as captured, even if others changed during the read.</summary>
    internal SequenceStamp? ReadSince { get; }

    /// <summary>Gets a VMA by its index in address order.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    public Vma this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return new Vma(in _vmas[index], _vmas.Names);
        }
    }

    /// <summary>Finds the VMA that contains an address.</summary>
    /// <param name="address">A virtual address.</param>
    /// <param name="vma">The VMA.</param>
    public bool TryFind(ulong address, out Vma vma)
    {
        int index = IndexAtOrAfter(address);
        if (index < Count && _vmas[index].Start <= address)
        {
            vma = this[index];
            return true;
        }

        vma = default;
        return false;
    }

    /// <summary>Returns the differences to a later snapshot.</summary>
    /// <param name="later">A snapshot of the same process.</param>
    public LayoutDiff DiffTo(LayoutSnapshot later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return LayoutDiff.Between(this, later);
    }

    /// <summary>Returns an enumerator over the VMAs in address order.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<Vma> IEnumerable<Vma>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same layout, found unchanged now.</summary>
    internal LayoutSnapshot Renew(in SequenceReading now, DateTimeOffset time) =>
        With(new LayoutToken(Process, Token.VmaCount, Token.Hash, SequenceStamp.Of(in now)), time);

    /// <summary>The same layout with a newer token, without a read.</summary>
    internal LayoutSnapshot With(LayoutToken token, DateTimeOffset time) => new(_vmas, token, Space, IsStable, reads: 0, time);

    /// <summary>The index of the first VMA that ends past an address; <see cref="Count"/> if there is none.</summary>
    internal int IndexAtOrAfter(ulong address)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_vmas[middle].End <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Enumerates the VMAs of a snapshot.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Enumerator : IEnumerator<Vma>
    {
        private readonly LayoutSnapshot _snapshot;
        private int _index;

        internal Enumerator(LayoutSnapshot snapshot)
        {
            _snapshot = snapshot;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly Vma Current => _snapshot[_index];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _snapshot.Count;

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
