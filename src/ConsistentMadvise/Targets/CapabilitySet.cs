namespace ConsistentMadvise;

/// <summary>A set of capabilities as <c>/proc/PID/status</c> shows it: a bit for each (capabilities(7)).</summary>
internal static class CapabilitySet
{
    public static bool Has(ulong set, int capability) => (set >> capability & 1) != 0;
}
