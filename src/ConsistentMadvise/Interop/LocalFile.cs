namespace ConsistentMadvise.Interop;

/// <summary>A file that is opened, used and closed by one method, for places that must not allocate.</summary>
/// <remarks>Lives on its method's stack, so no other thread can close it and nothing can use it later: its number always refers to this file.</remarks>
internal ref struct LocalFile
{
    private int _descriptor;

    /// <summary>Owns a descriptor that a system call has just returned.</summary>
    internal LocalFile(int descriptor) => _descriptor = descriptor;

    /// <summary>The number, for calls in Interop.</summary>
    internal readonly int Number => _descriptor;

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Kernel.Close(_descriptor); // read-only files: close(2) has nothing to report
            _descriptor = -1;
        }
    }
}
