using System.Buffers.Text;

namespace ConsistentMadvise;

/// <summary>Compares what the guard may do with what the caller may.</summary>
/// <remarks>
/// Capabilities of an ordinary user's file do not pass execve(2) unless they are ambient: capabilities(7). A guard without them could not thaw what
/// the caller froze by them.
/// </remarks>
internal static class GuardRights
{
    // linux/capability.h
    private const ulong CAP_DAC_OVERRIDE = 1UL << 1;
    private const ulong CAP_KILL = 1UL << 5;

    /// <summary>What the guard lacks; null when it can undo whatever the caller can do.</summary>
    public static string? WhatIsMissing(ProcDirectory guard)
    {
        if (!ProcDirectory.Open(Environment.ProcessId, out ProcDirectory? caller).Ok || caller is null)
        {
            return "the caller's capabilities cannot be read";
        }

        using (caller)
        {
            ulong missing = Effective(caller) & ~Effective(guard);
            return (missing & CAP_KILL) != 0 ? "the guard would lack CAP_KILL, which the caller has; make it ambient"
                : (missing & CAP_DAC_OVERRIDE) != 0 ? "the guard would lack CAP_DAC_OVERRIDE, which the caller has; make it ambient"
                : null;
        }
    }

    private static ulong Effective(ProcDirectory process)
    {
        Span<byte> text = stackalloc byte[4096];
        ReadOnlySpan<byte> label = "CapEff:\t"u8;
        int at = process.ReadFile("status\0"u8, text, out int count).Ok ? text[..count].IndexOf(label) : -1;
        return at >= 0 && Utf8Parser.TryParse(text[(at + label.Length)..count], out ulong value, out _, 'x') ? value : 0;
    }
}
