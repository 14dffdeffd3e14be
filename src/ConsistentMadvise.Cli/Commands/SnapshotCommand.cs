using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise snapshot PID</c>: the VMAs of a process, and the token that stands for its layout.</summary>
internal static class SnapshotCommand
{
    private enum Order
    {
        Address,
        Size,
        Path,
    }

    public static Command Create(CommandOutput output)
    {
        Argument<int> pid = Options.Pid();
        Option<VmaFilter> filter = Options.Filter("Which VMAs to show, as anon,private,size>=64K,!stack,path=*.so; all by default. The token is of the whole layout.");
        Option<Order> sort = Options.Word("--sort", "The order of the VMAs", ("address", Order.Address), ("size", Order.Size), ("path", Order.Path));
        Command command = new("snapshot", "Show the VMAs of a process and the token of its layout.") { pid, filter, sort };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ProcessTarget target = ProcessTarget.Open(parsed.GetValue(pid));
            LayoutSnapshot layout = await target.CaptureLayoutAsync(cancellationToken).ConfigureAwait(false);
            List<Vma> vmas = [.. layout.Where((parsed.GetValue(filter) ?? VmaFilter.All).Matches)];
            Sort(vmas, parsed.GetValue(sort));
            if (!layout.IsStable)
            {
                output.Message("The layout changed while it was read; the token will be stale.");
            }

            if (parsed.GetValue(output.JsonOption))
            {
                output.Json(new SnapshotDocument(target.Pid, layout.Token.ToString(), layout.Token.Sequence, [.. vmas.Select(VmaDocument.Of)]), JsonContext.Default.SnapshotDocument);
            }
            else
            {
                Show(layout, vmas, output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Sort(List<Vma> vmas, Order order)
    {
        switch (order)
        {
            case Order.Size:
                vmas.Sort(static (left, right) => (right.Length, left.Start).CompareTo((left.Length, right.Start)));
                break;
            case Order.Path:
                vmas.Sort(static (left, right) =>
                {
                    int byName = left.NameBytes.SequenceCompareTo(right.NameBytes);
                    return byName != 0 ? byName : left.Start.CompareTo(right.Start);
                });
                break;
            default:
                break; // a snapshot is in the order of addresses
        }
    }

    private static void Show(LayoutSnapshot layout, List<Vma> vmas, CommandOutput output)
    {
        Table table = CommandOutput.NewTable("Addresses", ">Size", "Perm", ">Offset", "Device", ">Inode", "Path");
        ulong bytes = 0;
        foreach (Vma vma in vmas)
        {
            bytes += vma.Length;
            table.AddRow(
                CommandOutput.Cell(vma.Range.ToString()),
                CommandOutput.Cell(Sizes.Show(vma.Length)),
                CommandOutput.Cell(vma.PermissionText),
                CommandOutput.Cell(vma.Offset.ToString("x8", CultureInfo.InvariantCulture)),
                CommandOutput.Cell(VmaDocument.DeviceText(vma)),
                CommandOutput.Cell(vma.Inode.ToString(CultureInfo.InvariantCulture)),
                CommandOutput.Cell(vma.Name));
        }

        output.Rows(table);
        output.Line($"{vmas.Count} of {layout.Count} VMAs, {Sizes.Show(bytes)}");
        output.Line($"Token {layout.Token}");
        output.Line($"Sequence {layout.Token.Sequence?.ToString(CultureInfo.InvariantCulture) ?? "-"}");
    }
}
