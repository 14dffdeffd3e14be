using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>A target with some memory to do things to, and a sharer that makes any system call in its address space.</summary>
internal sealed class SequenceTarget : IDisposable
{
    public const int Pages = 8;
    public const ulong Page = 4096;
    private const ulong ReadWrite = 3;
    private const ulong PrivateAnonymous = 0x22;

    public SequenceTarget()
    {
        Process = RaceTargetProcess.Start();
        Memory = Process.MapTouched(Pages);
        Sharer = Process.StartSharer();
    }

    public RaceTargetProcess Process { get; }

    public Sharer Sharer { get; }

    /// <summary>Private anonymous memory, every page written to.</summary>
    public ulong Memory { get; }

    /// <summary>Has the sharer make a system call that must succeed (x86-64 numbers).</summary>
    public ulong Call(int number, params ReadOnlySpan<ulong> arguments)
    {
        long result = Sharer.Call(number, arguments);
        Assert.True(result is >= 0 or < -4095, $"system call {number}: errno {-result}");
        return (ulong)result;
    }

    public ulong Map(ulong bytes, ulong flags = 0) => Call(9, 0, bytes, ReadWrite, PrivateAnonymous | flags, ulong.MaxValue);

    /// <summary>Writes into the target's memory from outside.</summary>
    public void Poke(ulong address, ReadOnlySpan<byte> data)
    {
        using FileStream memory = new($"/proc/{Process.Pid}/mem", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        memory.Position = (long)address;
        memory.Write(data);
    }

    /// <summary>Advises from outside, as the library does.</summary>
    public void AdviseFromOutside(ulong address, ulong bytes, int advice) => Assert.Equal(Errno.None, TryAdviseFromOutside(address, bytes, advice));

    public unsafe Errno TryAdviseFromOutside(ulong address, ulong bytes, int advice)
    {
        iovec range = new() { iov_base = (void*)address, iov_len = (size_t)bytes };
        Errno errno = Kernel.ProcessMadvise(Process.Pidfd, [range], advice, out long advised);
        Assert.Equal(errno.Ok ? (long)bytes : -1, advised);
        return errno;
    }

    public void Dispose() => Process.Dispose();
}
