using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Reports what a transaction changed.</summary>
internal static class EffectReport
{
    /// <summary>The lines; none if nothing was attempted or measured.</summary>
    public static IEnumerable<string> Lines(HintEffect? effect, Advice advice)
    {
        if (effect is null)
        {
            yield break;
        }

        if (!effect.IsMeasured)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The effect could not be measured (errno {effect.Errno} from /proc/PID/pagemap).");
            yield break;
        }

        (MemoryUse before, MemoryUse after) = (effect.Before, effect.After);
        string huge = advice == Advice.Collapse && before.HugeBytes is { } hugeBefore && after.HugeBytes is { } hugeAfter
            ? $", in huge pages {Change(hugeBefore, hugeAfter)}"
            : string.Empty;
        yield return $"Resident {Change(before.ResidentBytes, after.ResidentBytes)}, in swap {Change(before.SwappedBytes, after.SwappedBytes)}{huge}.";
        if ((advice == Advice.Cold || advice == Advice.PageOut) && before.ResidentBytes > before.ExclusiveBytes)
        {
            yield return $"Of that, {Sizes.Show(before.ResidentBytes - before.ExclusiveBytes)} was mapped more than once (by another process, KSM or another mapping), and the kernel skips it.";
        }
    }

    private static string Change(ulong before, ulong after) => $"{Sizes.Show(before)} before, {Sizes.Show(after)} after";
}
