namespace ConsistentMadvise.KernelTests;

/// <summary>What the caller of a blocking call sees of a freeze.</summary>
[Flags]
internal enum Notice
{
    /// <summary>The kernel makes the call again, or it was never interrupted.</summary>
    Nothing = 0,

    /// <summary><c>EINTR</c>, without a signal handler.</summary>
    Interrupted = 1,

    /// <summary>Less than was asked for.</summary>
    Short = 2,
}
