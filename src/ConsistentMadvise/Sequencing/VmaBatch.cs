using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A rented slot of a <see cref="VmaSequenceReader"/>: write addresses to <see cref="Entries"/>, read, and look at them again. Dispose returns the slot.</summary>
[RunsFrozen]
internal readonly unsafe ref struct VmaBatch(VmaSequenceReader reader, int slot)
{
    private readonly VmaRequest* _request = reader.At(slot);

    /// <summary>The entries; the addresses are in any order.</summary>
    public Span<VmaReading> Entries => new(_request + 1, VmaRequest.MaxEntries);

    /// <summary>Reads the VMAs at the first addresses. An entry that is not settled was not read; try again.</summary>
    /// <param name="pid">The process id in the pid namespace of the calling thread.</param>
    /// <param name="count">How many entries have an address.</param>
    /// <param name="process">The address space that was read. Its sequence and number of VMAs are 0: each entry has the sequence.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Read(int pid, int count, out SequenceReading process)
    {
        Span<VmaReading> entries = Entries[..count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i].Sequence = 1; // not settled, if the program does not come to it
        }

        *_request = new VmaRequest { Pid = pid, Count = (uint)count };
        Errno errno = reader.Run(slot);
        process = errno.Ok
            ? new(_request->State, 0, AddressSpaceId.Of(_request->Mm), _request->ExecId, 0, StartTicks.FromBoottime(_request->StartBoottime))
            : default(SequenceReading) with { Errno = errno };
        return errno;
    }

    /// <summary>Whether every one of the first entries was read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool IsSettled(int count)
    {
        foreach (ref readonly VmaReading reading in Entries[..count])
        {
            if (!reading.IsSettled)
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose() => reader.Return(slot);
}
