using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>A report as text.</summary>
internal static class WatchTable
{
    public static string Title(WatchReport report) => string.Create(
        CultureInfo.InvariantCulture, $"{report.Changed} of {Sizes.Count(report.Processes, "process", "processes")} changed their layout in {Durations.Show(report.Elapsed)}");

    public static IEnumerable<string> Lines(WatchReport report) => TextTable.Lines(report.Rows,
        new Column<WatchRow>(">PID", static row => Number(row.Sequence.Process.Pid)),
        new Column<WatchRow>(">Changes/s", static row => row.ChangesPerSecond is { } rate ? rate.ToString("0.#", CultureInfo.InvariantCulture) : "new"),
        new Column<WatchRow>(">Sequence", static row => Number(row.Sequence.Sequence)),
        new Column<WatchRow>(">VMAs", static row => Number(row.Sequence.VmaCount)),
        new Column<WatchRow>(">Resident", static row => Size(row.Memory?.ResidentBytes)),
        new Column<WatchRow>(">Hintable", static row => Size(row.Memory?.HintableBytes)),
        new Column<WatchRow>("Name", static row => row.Name ?? "-"));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Size(ulong? bytes) => bytes is { } known ? Sizes.Show(known) : "-";
}
