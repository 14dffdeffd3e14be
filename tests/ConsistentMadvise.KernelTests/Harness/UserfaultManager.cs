using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>Manages the page faults of a target from outside, by a userfaultfd(2) that the target opened: whatever state the target is in.</summary>
internal sealed unsafe class UserfaultManager : IDisposable
{
    private const int PidfdGetfd = 438;
    private const ulong Page = 4096;

    // linux/userfaultfd.h
    private const uint UFFDIO_REGISTER = 0xC020AA00;
    private const uint UFFDIO_UNREGISTER = 0x8010AA01;
    private const uint UFFDIO_COPY = 0xC028AA03;
    private const uint UFFDIO_ZEROPAGE = 0xC020AA04;
    private const ulong UFFDIO_REGISTER_MODE_MISSING = 1;
    private const byte UFFD_EVENT_PAGEFAULT = 0x12;

    private readonly SafeDescriptor _userfault;
    private readonly ulong _address;
    private readonly ulong _length;

    /// <summary>Takes the target's descriptor of that number; nothing is registered yet.</summary>
    public UserfaultManager(SafeDescriptor pidfd, int number, ulong address, int pages)
    {
        using SafeDescriptor.Use use = pidfd.Borrow();
        int own = (int)LibC.syscall(PidfdGetfd, use.Number, number, 0);
        Assert.True(own >= 0, $"pidfd_getfd: {Errno.Last}");
        _userfault = SafeDescriptor.Own(own);
        _address = address;
        _length = (ulong)pages * Page;
    }

    /// <summary>Registers the range: pages that are missing from now on wait for this manager. Locks the target's address space for writing.</summary>
    public void Register() => Control(UFFDIO_REGISTER, _address, _length, UFFDIO_REGISTER_MODE_MISSING, 0);

    public void Unregister() => Control(UFFDIO_UNREGISTER, _address, _length);

    /// <summary>Waits until a thread of the target waits for a page; returns its address.</summary>
    public ulong AwaitFault()
    {
        Span<byte> message = stackalloc byte[32]; // struct uffd_msg: the event, and at 16 the address
        Assert.Equal(Errno.None, Kernel.Read(_userfault, message, out int count));
        Assert.Equal((message.Length, UFFD_EVENT_PAGEFAULT), (count, message[0]));
        return MemoryMarshal.Read<ulong>(message[16..]) & ~(Page - 1);
    }

    /// <summary>Brings a page of zeros, and wakes who waits for it.</summary>
    public void Zero(ulong page) => Control(UFFDIO_ZEROPAGE, page, Page, 0, 0);

    /// <summary>Brings a page of that content, and wakes who waits for it.</summary>
    public void Copy(ulong page, ReadOnlySpan<byte> content)
    {
        byte* source = (byte*)NativeMemory.AlignedAlloc((nuint)Page, (nuint)Page);
        try
        {
            content.CopyTo(new Span<byte>(source, (int)Page));
            Control(UFFDIO_COPY, page, (ulong)source, Page, 0, 0);
        }
        finally
        {
            NativeMemory.AlignedFree(source);
        }
    }

    public void Dispose() => _userfault.Dispose();

    private void Control(uint request, params ReadOnlySpan<ulong> argument)
    {
        using SafeDescriptor.Use use = _userfault.Borrow();
        fixed (ulong* data = argument)
        {
            Assert.Equal(Errno.None, Errno.From(LibC.ioctl(use.Number, unchecked((int)request), data)));
        }
    }
}
