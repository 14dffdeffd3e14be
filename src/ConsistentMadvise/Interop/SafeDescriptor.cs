using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise.Interop;

/// <summary>An open file descriptor. Zero is a valid one.</summary>
/// <remarks>
/// Its number is known only in Interop. The kernel reuses a closed number at once, so every call holds a reference from before it until
/// after it (<see cref="Use"/>): if another thread disposes the handle meanwhile, the last user closes it.
/// </remarks>
internal sealed class SafeDescriptor : SafeHandleMinusOneIsInvalid
{
    public SafeDescriptor()
        : this(-1)
    {
    }

    private SafeDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Owns a descriptor that a system call has just returned; below zero is no file, and calls fail with <c>EBADF</c>.</summary>
    internal static SafeDescriptor Own(int descriptor) => new(Math.Max(descriptor, -1));

    /// <summary>Keeps the file open until the end of a <c>using</c>, and exposes its number.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    internal Use Borrow() => new(this);

    protected override bool ReleaseHandle() => Kernel.Close((int)handle).Ok;

    /// <summary>A reference to a handle for one call. Allocates nothing.</summary>
    internal readonly ref struct Use
    {
        private readonly SafeDescriptor _handle;

        public Use(SafeDescriptor handle)
        {
            bool isAdded = false;
            handle.DangerousAddRef(ref isAdded);
            _handle = handle;
            Number = (int)handle.handle;
        }

        public int Number { get; }

        public void Dispose() => _handle.DangerousRelease();
    }
}
