namespace ConsistentMadvise.Benchmarks;

/// <summary>What it costs to compare planned ranges with a layout that has moved elsewhere: by the VMAs' own sequences, by queries, and by the text.</summary>
/// <remarks>The ways take turns in one process, so that a change of the machine's speed meets all of them.</remarks>
internal static class RecheckComparison
{
    private const int OwnVmas = 196;

    private static readonly int[] Planned = [1, 16, 256, 1024];

    public static void Run(bool isLong)
    {
        SequenceAvailability availability = VmaSequenceReader.Get(out VmaSequenceReader? reader);
        if (reader is null)
        {
            Console.WriteLine(availability.Reason);
            return;
        }

        Console.WriteLine("""
            sequences  the sequence of each planned VMA, in microseconds and for each; the others are times that
            one        one read of the sequence of the whole address space
            query      PROCMAP_QUERY of each planned VMA
            text       the text of maps
            best       of 200 times in a row, with nothing between
            medians else

               VMAs  planned  sequences us     each     best       one     query      text
            """);
        foreach (int vmas in new[] { 1_000, 10_000, 60_000 })
        {
            using BenchTarget process = BenchTarget.Start();
            string[] fields = process.Send($"fields {vmas - OwnVmas} 1");
            using ProcessTarget target = ProcessTarget.Open(process.Pid);
            LayoutSnapshot layout = target.CaptureLayout();
            foreach (int planned in Planned.Where(planned => planned < vmas - OwnVmas))
            {
                Compare(target, layout, reader, Spread(layout, Convert.ToUInt64(fields[0], 16), vmas - OwnVmas, planned), isLong ? 501 : 101);
            }
        }
    }

    /// <summary>Plans that many of the fields, evenly spread.</summary>
    private static HintPlan Spread(LayoutSnapshot layout, ulong start, int fields, int planned)
    {
        ulong step = (ulong)(fields / planned), page = (ulong)Environment.SystemPageSize;
        return HintPlan.Create(
            layout, Advice.Cold, Enumerable.Range(0, planned).Select(i => start + (ulong)i * step * page).Select(address => new AddressRange(address, address + page)));
    }

    private static void Compare(ProcessTarget target, LayoutSnapshot layout, VmaSequenceReader reader, HintPlan plan, int turns)
    {
        TransactionScratch scratch = TransactionScratch.Rent();
        PlanRemainder remainder = new(plan);
        VmaSequenceRecheck bySequences = new(target, plan, remainder, reader, isOptimistic: false);
        RangesTextRecheck byText = new(target, plan, remainder, layout.Space, scratch);
        RangesQueryRecheck byQuery = new(target, plan, remainder, layout.Space, byText, scratch);
        Samples sequences = new(), one = new(), query = new(), text = new();
        SequenceReading last = default;
        for (int turn = -20; turn < turns; turn++)
        {
            if (turn == 0)
            {
                (sequences, one, query, text) = (new(), new(), new(), new()); // compiled, cached, and on the processor's mind
            }

            one.Measure(() => SequenceReader.Shared.TryRead(target.Pid, out last));
            sequences.Measure(() => Check(bySequences.Run(in last, mayDrop: false, out _)));
            query.Measure(() => Check(byQuery.Run(mayDrop: false)));
            text.Measure(() => Check(byText.Run(mayDrop: false)));
        }

        Samples alone = new();
        for (int turn = 0; turn < 200; turn++)
        {
            alone.Measure(() => Check(bySequences.Run(in last, mayDrop: false, out _)));
        }

        Console.WriteLine(
            $"{layout.Count,7:N0} {plan.Ranges.Count,8:N0} {sequences.Median,13:N1} {sequences.Median / plan.Ranges.Count,8:N3} {alone.At(0),8:N1} {one.Median / sequences.Median,9:F3} {query.Median / sequences.Median,9:F2} {text.Median / sequences.Median,9:F1}");
    }

    private static void Check(RecheckResult result)
    {
        if (!result.IsSame)
        {
            throw new InvalidOperationException($"A recheck of a layout at rest found {result.Kind}.");
        }
    }
}
