using ConsistentMadvise.Interop;
namespace ConsistentMadvise.Fuzz;

/// <summary>The comparison of the frozen window: it distinguishes a text with a changed planned line from one with other changes, wherever reads end.</summary>
internal static class RecheckFuzz
{
    private static readonly ulong PageMask = (ulong)Environment.SystemPageSize - 1;

    public static void Check(List<ReferenceLine> lines, Random random)
    {
        if (lines.Count == 0 || !IsLayout(lines))
        {
            return;
        }

        byte[][] written = [.. lines.Select(Write)];
        bool[] isPlanned = [.. lines.Select(_ => random.Next(2) == 0)];
        int changed = random.Next(lines.Count);
        HintPlan plan = Plan(lines, written, isPlanned);
        bool isSpecial = SpecialMapping.Is(lines[changed].Name);
        Oracle.Same(RecheckResult.Same, Compare(plan, new PlanRemainder(plan), written, random));

        written[changed] = random.Next(2) == 0 ? [] : Write(lines[changed] with { Permissions = lines[changed].Permissions ^ VmaPermissions.Shared });
        RecheckResult expected = isPlanned[changed] && !isSpecial ? RecheckResult.Changed : RecheckResult.Same;
        RecheckResult whenGone = written.All(static line => line.Length == 0) ? RecheckResult.Gone : expected;
        Oracle.Same(whenGone, Compare(plan, new PlanRemainder(plan), written, random));

        // What may be dropped is dropped, and nothing else.
        PlanRemainder remainder = new(plan);
        if (whenGone == expected)
        {
            Oracle.Same(RecheckResult.Same, Compare(plan, remainder, written, random, mayDrop: true));
            Oracle.Same(expected == RecheckResult.Changed, remainder.HasDropped);
            for (int i = 0; i < plan.Vmas.Length; i++)
            {
                Oracle.Same(expected == RecheckResult.Changed && plan.Vmas[i].Range.Start == lines[changed].Start, remainder.IsDropped(i));
            }
        }
    }

    private static RecheckResult Compare(HintPlan plan, PlanRemainder remainder, byte[][] lines, Random random, bool mayDrop = false)
    {
        byte[] text = [.. lines.SelectMany(static line => line)];
        using TextDescriptor maps = TextDescriptor.OfPieces(text, Pieces.Cut(text.Length, random));
        using SafeDescriptor.Use use = maps.Descriptor.Borrow();
        LocalFile file = new(use.Number); // not disposed: the number belongs to the text
        return new RangesTextRecheck(null!, plan, remainder, space: null, new TransactionScratch()).Compare(in file, mayDrop);
    }

    private static HintPlan Plan(List<ReferenceLine> lines, byte[][] written, bool[] isPlanned)
    {
        using TextDescriptor text = TextDescriptor.OfFile([.. written.SelectMany(static line => line)]);
        FuzzLayout.Read(new LayoutReader(), text, out _, out VmaTable vmas, out UInt128 hash);
        int at = 0;
        return HintPlan.Create(FuzzLayout.Of(vmas, hash), Advice.Cold, vma =>
        {
            while (lines[at].Start != vma.Start)
            {
                at++;
            }

            return isPlanned[at];
        });
    }

    private static bool IsLayout(List<ReferenceLine> lines)
    {
        ulong end = 0;
        foreach (ReferenceLine line in lines)
        {
            if (line.Start < end || ((line.Start | line.End) & PageMask) != 0)
            {
                return false;
            }

            end = line.End;
        }

        return true;
    }

    /// <summary>The line as the kernel writes it, with its newline.</summary>
    private static byte[] Write(ReferenceLine line)
    {
        VmaRecord record = new()
        {
            Start = line.Start,
            End = line.End,
            Permissions = line.Permissions,
            Offset = line.Offset,
            Device = line.Device,
            Inode = line.Inode,
        };
        byte[] buffer = new byte[line.Name.Length + 200];
        int length = MapsLine.Format(buffer, in record, line.Name);
        buffer[length] = (byte)'\n';
        return buffer[..(length + 1)];
    }
}
