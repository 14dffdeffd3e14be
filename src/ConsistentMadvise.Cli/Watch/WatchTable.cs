using System.Globalization;
using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary>A report for people.</summary>
internal static class WatchTable
{
    public static string Title(WatchReport report) => string.Create(
        CultureInfo.InvariantCulture, $"{report.Changed} of {Sizes.Count(report.Processes, "process", "processes")} changed their layout in {Durations.Show(report.Elapsed)}");

    public static Table Create(WatchReport report)
    {
        Table table = CommandOutput.NewTable(">PID", ">Changes/s", ">Sequence", ">VMAs", ">Resident", ">Hintable", "Name");
        foreach (WatchRow row in report.Rows)
        {
            table.AddRow(
                Number(row.Sequence.Process.Pid),
                CommandOutput.Cell(row.ChangesPerSecond is { } rate ? rate.ToString("0.#", CultureInfo.InvariantCulture) : "new"),
                Number(row.Sequence.Sequence),
                Number(row.Sequence.VmaCount),
                Size(row.Memory?.ResidentBytes),
                Size(row.Memory?.HintableBytes),
                CommandOutput.Cell(row.Name ?? "-"));
        }

        return table;
    }

    private static Text Number(long number) => CommandOutput.Cell(number.ToString(CultureInfo.InvariantCulture));

    private static Text Size(ulong? bytes) => CommandOutput.Cell(bytes is { } known ? Sizes.Show(known) : "-");
}
