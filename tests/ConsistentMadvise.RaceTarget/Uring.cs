using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A ring of io_uring(7), by its system calls. What it is given to do with memory, a worker thread of the kernel does in this process.</summary>
internal sealed unsafe class Uring
{
    /// <summary>How many operations fit into it at a time.</summary>
    public const int Entries = 64;

    // linux/io_uring.h
    private const ulong IORING_OFF_SQES = 0x1000_0000;
    private const ulong IORING_ENTER_GETEVENTS = 1;
    private const uint IORING_FEAT_SINGLE_MMAP = 1;
    private const byte IORING_OP_MADVISE = 25;
    private const byte IOSQE_IO_LINK = 4;
    private const int CompletionBytes = 16;   // struct io_uring_cqe

    private readonly int _descriptor;
    private readonly UringParameters _parameters;
    private ulong _rings;
    private ulong _ringBytes;
    private ulong _requests;
    private int _pending;

    private Uring(int descriptor, in UringParameters parameters)
    {
        _descriptor = descriptor;
        _parameters = parameters;
    }

    /// <summary>Makes one, and its two mappings. <c>ENOSYS</c>, <c>EPERM</c>: the machine has none (Linux 5.6), or forbids it.</summary>
    public static int Open(out Uring ring)
    {
        UringParameters parameters = default;
        int descriptor = (int)Native.Call(SyscallNumber.IoUringSetup, Entries, (ulong)&parameters);
        ring = new Uring(descriptor, parameters);
        if (descriptor < 0)
        {
            return LibC.errno;
        }

        // Older kernels, before 5.4, want the two rings mapped apart.
        int errno = (parameters.Features & IORING_FEAT_SINGLE_MMAP) == 0 ? LibC.ENOSYS : ring.Map();
        if (errno != 0)
        {
            _ = ring.Close();
        }

        return errno;
    }

    /// <summary>Submits a number of the same <c>madvise(2)</c>, one after the other, and does not wait.</summary>
    public int Submit(ulong address, ulong length, int advice, int count)
    {
        if (_pending + count > Entries)
        {
            return LibC.EBUSY;
        }

        uint* tail = Word(_parameters.SubmissionTail);
        for (uint i = 0; i < count; i++)
        {
            uint index = (*tail + i) & *Word(_parameters.SubmissionMask);
            UringRequest* request = (UringRequest*)_requests + index;
            *request = new UringRequest
            {
                Operation = IORING_OP_MADVISE,
                Flags = i + 1 < count ? IOSQE_IO_LINK : default,
                Descriptor = -1,
                Address = address,
                Length = (uint)length,   // at most 4 GiB: the kernel has read the long length only since 6.10
                Advice = advice,
            };
            Word(_parameters.SubmissionArray)[index] = index;
        }

        Volatile.Write(ref *tail, *tail + (uint)count);
        int errno = Native.From(Native.Call(SyscallNumber.IoUringEnter, (ulong)_descriptor, (ulong)count));
        _pending += errno == 0 ? count : 0;
        return errno;
    }

    /// <summary>Waits until all that was submitted is done; how many that were, and the result of the last that failed, zero if none did.</summary>
    public int Reap(out int count, out int result)
    {
        count = 0;
        result = 0;
        while (_pending > 0)
        {
            long entered = Native.Call(SyscallNumber.IoUringEnter, (ulong)_descriptor, 0, 1, IORING_ENTER_GETEVENTS);
            if (Native.From(entered) is int errno && errno != 0 && errno != LibC.EINTR)
            {
                return errno;
            }

            uint* head = Word(_parameters.CompletionHead);
            while (*head != Volatile.Read(ref *Word(_parameters.CompletionTail)))
            {
                byte* completion = (byte*)Word(_parameters.Completions) + ((*head & *Word(_parameters.CompletionMask)) * CompletionBytes);
                int of = *(int*)(completion + sizeof(ulong));
                result = of < 0 ? of : result;
                Volatile.Write(ref *head, *head + 1);
                _pending--;
                count++;
            }
        }

        return 0;
    }

    public int Close()
    {
        int errno = _requests == 0 ? 0 : Native.Unmap(_requests, Entries * (ulong)sizeof(UringRequest));
        errno = errno != 0 || _rings == 0 ? errno : Native.Unmap(_rings, _ringBytes);
        return errno != 0 ? errno : Native.Close(_descriptor);
    }

    private int Map()
    {
        _ringBytes = Math.Max(
            _parameters.SubmissionArray + (_parameters.SubmissionEntries * sizeof(uint)),
            _parameters.Completions + (_parameters.CompletionEntries * CompletionBytes));
        int flags = LibC.MAP_SHARED | LibC.MAP_POPULATE;
        int protection = LibC.PROT_READ | LibC.PROT_WRITE;
        int errno = Native.Map(0, _ringBytes, protection, flags, _descriptor, out ulong rings);   // the kernel takes no wish where
        _rings = errno == 0 ? rings : 0;
        errno = errno != 0 ? errno : Native.Map(0, Entries * (ulong)sizeof(UringRequest), protection, flags, _descriptor, out _requests, (long)IORING_OFF_SQES);
        _requests = errno == 0 ? _requests : 0;
        return errno;
    }

    private uint* Word(uint offset) => (uint*)(_rings + offset);
}
