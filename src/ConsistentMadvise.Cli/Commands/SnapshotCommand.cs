using System.CommandLine;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise snapshot PID</c>: the VMAs of a process, and the token of its layout.</summary>
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
        Option<VmaFilter> filter = Options.Filter("Which VMAs to show, such as anon,private,size>=64K,!stack,path=*.so; all by default. The token is of the whole layout.");
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
                output.Message("The layout changed during the read; the token will be stale. Try again.");
            }

            if (output.IsJson)
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
                break; // a snapshot is in address order
        }
    }

    private static void Show(LayoutSnapshot layout, List<Vma> vmas, CommandOutput output)
    {
        output.Rows(vmas,
            new Column<Vma>("Addresses", static vma => vma.Range.ToString()),
            new Column<Vma>(">Size", static vma => Sizes.Show(vma.Length)),
            new Column<Vma>("Perm", static vma => vma.GetPermissionText()),
            new Column<Vma>(">Offset", static vma => vma.Offset.ToString("x8", CultureInfo.InvariantCulture)),
            new Column<Vma>("Device", VmaDocument.DeviceText),
            new Column<Vma>(">Inode", static vma => vma.Inode.ToString(CultureInfo.InvariantCulture)),
            new Column<Vma>("Path", static vma => vma.GetName()));
        ulong bytes = vmas.Aggregate(0UL, static (sum, vma) => sum + vma.Length);
        output.Line($"{vmas.Count} of {layout.Count} VMAs, {Sizes.Show(bytes)}");
        output.Line($"Token {layout.Token}");
        output.Line($"Sequence {layout.Token.Sequence?.ToString(CultureInfo.InvariantCulture) ?? "-"}");
    }
}
