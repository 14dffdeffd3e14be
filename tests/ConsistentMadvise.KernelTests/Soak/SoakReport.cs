using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>Prints what lanes have counted, a line for each setting and one for all.</summary>
internal static class SoakReport
{
    public static SoakCounts Write(TextWriter output, IEnumerable<SoakSetting> settings, IReadOnlyCollection<SoakLane> lanes)
    {
        SoakCounts total = new();
        output.WriteLine("| setting | attempts | applied | stale | of these under the freeze | raced | else | could not look | called gone | changes | canary pages looked at | mis-hinted, reported | mis-hinted | rate at most (95 %) |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (SoakSetting setting in settings)
        {
            SoakCounts counts = new();
            foreach (SoakLane lane in lanes)
            {
                if (lane.Counts.TryGetValue(setting, out SoakCounts? ofLane))
                {
                    counts.Add(ofLane);
                }
            }

            Write(output, $"{setting}", counts);
            total.Add(counts);
        }

        Write(output, "all", total);
        foreach (string record in lanes.SelectMany(static lane => lane.Records).Take(20))
        {
            output.WriteLine(record);
        }

        return total;
    }

    private static void Write(TextWriter output, string name, SoakCounts counts)
    {
        long applied = counts[HintStatus.Applied] + counts[HintStatus.PartlyApplied];
        long other = counts.Attempts - applied - counts[HintStatus.Stale] - counts[HintStatus.Raced];
        double bound = RateBound.Upper(Math.Min(counts.MisHints, counts.Attempts), counts.Attempts);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {counts.Attempts} | {applied} | {counts[HintStatus.Stale]} | {counts.StaleUnderTheFreeze} | {counts[HintStatus.Raced]} | {other} | {counts.CouldNotLook} | {counts.CalledGone} | {counts.Operations} | {counts.Looked} | {counts.Reported} | {counts.MisHints} | {bound:0.0E+0} |"));
    }
}
