using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.Tests;

/// <summary>Answers calls of <c>process_madvise(2)</c> as the kernel may: cuts short, fails at any range, hides the error in a count; and records what it did.</summary>
internal sealed class FakeKernel(int seed)
{
    private static readonly Errno[] Errors = [Errno.ENOMEM, Errno.EINVAL, Errno.EAGAIN, Errno.EBUSY, Errno.EFAULT, Errno.EINTR];
    private static readonly Errno[] Fatal = [Errno.ESRCH, Errno.EPERM, Errno.EACCES];

    private readonly Random _random = new(seed);
    private readonly List<AddressRange> _counted = [];

    public ulong Counted => _counted.Aggregate(0ul, static (sum, range) => sum + range.Length);

    /// <summary>What was counted of a range.</summary>
    public ulong CountedIn(AddressRange range) =>
        _counted.Where(range.Contains).Aggregate(0ul, static (sum, part) => sum + part.Length);

    public unsafe Errno Advise(ReadOnlySpan<iovec> batch, out long advised)
    {
        Assert.NotEqual(0, batch.Length);
        advised = 0;
        int stop = _random.Next(3) == 0 ? _random.Next(1, batch.Length + 1) : batch.Length; // where the kernel cuts a vector without an error
        foreach (ref readonly iovec part in batch[..stop])
        {
            Errno errno = _random.Next(40) == 0 ? Pick(Fatal) : _random.Next(4) == 0 ? Pick(Errors) : Errno.None;
            if (!errno.Ok)
            {
                Errno reported = advised > 0 ? Errno.None : errno;
                advised = advised > 0 ? advised : -1;
                return reported;
            }

            AddressRange range = new((ulong)part.iov_base, (ulong)part.iov_base + (ulong)part.iov_len);
            Assert.DoesNotContain(_counted, range.Overlaps); // advised twice
            _counted.Add(range);
            advised += (long)range.Length;
        }

        return Errno.None;
    }

    private Errno Pick(Errno[] errors) => errors[_random.Next(errors.Length)];
}
