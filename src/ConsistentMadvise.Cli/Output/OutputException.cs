using System.Runtime.InteropServices;

namespace ConsistentMadvise.Cli;

/// <summary>Thrown when the output cannot be written to stdout.</summary>
internal sealed class OutputException(int errno) : IOException(Explain(errno))
{
    // asm-generic/errno-base.h
    private const int EFBIG = 27, ENOSPC = 28, EPIPE = 32;

    /// <summary>Gets whether the reader has gone, as after <c>| head -1</c>: not reported as an error.</summary>
    public bool IsReaderGone => errno == EPIPE;

    private static string Explain(int errno)
    {
        string what = $"The output cannot be written: {Marshal.GetPInvokeErrorMessage(errno)}";
        return errno switch
        {
            ENOSPC => $"{what}. Free space on it, or write elsewhere.",
            EFBIG => $"{what}. The file size limit is reached (ulimit -f); raise it, or write to a pipe.",
            _ => $"{what}.",
        };
    }
}
