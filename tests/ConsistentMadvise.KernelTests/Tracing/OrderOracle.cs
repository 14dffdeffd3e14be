namespace ConsistentMadvise.KernelTests;

/// <summary>Judges by the order of events alone whether a hint was made for memory that the plan was not made from.</summary>
internal static class OrderOracle
{
    /// <summary>How the mark begins that says that a plan was captured before it.</summary>
    public const string Captured = "captured ";

    /// <summary>The call that carries a hint.</summary>
    public const string Hint = "process_madvise";

    public static TraceVerdict Judge(TraceRecord record)
    {
        List<TargetCall> calls = TargetCalls.Find(record);
        ulong[] latestExits = LatestExits(calls);
        List<HintVerdict> hints = [];
        Dictionary<int, (ulong Enter, ulong Captured, string? Plan)> open = [];
        (ulong Captured, string? Plan) last = (0, null);
        foreach (TraceEvent seen in record.Events)
        {
            if (seen.Kind == TraceEventKind.Mark && seen.Name.StartsWith(Captured, StringComparison.Ordinal))
            {
                last = (seen.Order, seen.Name[Captured.Length..]);
            }
            else if (seen.Kind == TraceEventKind.Enter && seen.Name == Hint)
            {
                open[seen.Thread] = (seen.Order, last.Captured, last.Plan);
            }
            else if (seen.Kind == TraceEventKind.Exit && seen.Name == Hint && open.Remove(seen.Thread, out (ulong Enter, ulong Captured, string? Plan) hint))
            {
                hints.Add(Judge(calls, latestExits, hint, seen.Order, isComplete: record.Lost == 0 && hint.Plan is not null));
            }
        }

        hints.AddRange(open.Values.Select(hint => Judge(calls, latestExits, hint, ulong.MaxValue, isComplete: false)));
        return new TraceVerdict(hints, calls.Count(static call => call.HasReturned), record.Lost);
    }

    private static HintVerdict Judge(
        List<TargetCall> calls, ulong[] latestExits, (ulong Enter, ulong Captured, string? Plan) hint, ulong exit, bool isComplete)
    {
        int during = 0, since = 0, before = 0;
        bool isDecided = isComplete;
        string example = string.Empty;
        for (int i = FirstFrom(calls, exit) - 1; i >= 0 && (calls[i].Enter > hint.Captured || latestExits[i] > hint.Enter); i--)
        {
            TargetCall call = calls[i];
            bool isDuring = call.Overlaps(hint.Enter, exit);
            bool isSince = call.Enter > hint.Captured;
            if (isDuring || isSince)
            {
                isDecided &= call.HasReturned;   // else it is unknown whether it changed anything
                during += isDuring ? 1 : 0;
                since += isSince ? 1 : 0;
                before += isSince && call.Exit < exit ? 1 : 0;
                example = $"plan {hint.Plan} captured at {hint.Captured}, hinted {hint.Enter}..{exit}, {call.Name} {call.Enter}..{call.Exit}";
            }
        }

        return new HintVerdict(hint.Plan, hint.Enter, exit, during, since, before, isDecided, example);
    }

    /// <summary>For each call the latest end of those that began no later: how far back a look for overlaps must go.</summary>
    private static ulong[] LatestExits(List<TargetCall> calls)
    {
        ulong latest = 0;
        return [.. calls.Select(call => latest = Math.Max(latest, call.Exit))];
    }

    /// <summary>The index of the first call that began at or after a place.</summary>
    private static int FirstFrom(List<TargetCall> calls, ulong place)
    {
        int low = 0, high = calls.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = calls[middle].Enter < place ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
