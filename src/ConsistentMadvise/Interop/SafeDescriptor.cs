using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise.Interop;

/// <summary>An open file descriptor. Zero is a valid one.</summary>
internal sealed class SafeDescriptor : SafeHandleMinusOneIsInvalid
{
    public SafeDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, for calls that a caller makes while it keeps this handle alive.</summary>
    public int Value => (int)DangerousGetHandle();

    protected override bool ReleaseHandle() => Kernel.Close((int)handle).Ok;
}
