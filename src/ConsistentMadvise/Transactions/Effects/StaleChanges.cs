namespace ConsistentMadvise;

/// <summary>Finds what moved, after the target was thawed.</summary>
internal static class StaleChanges
{
    /// <summary>Whether the reason is that a part of the layout moved.</summary>
    public static bool HasMoved(HintReason reason) =>
        reason is HintReason.LayoutChanged or HintReason.LayoutMovedMeanwhile or HintReason.ThawedByAnother or HintReason.AddressSpaceReplaced;

    public static LayoutDiff Find(ProcessTarget target, HintPlan plan)
    {
        LayoutSnapshot now;
        try
        {
            now = LayoutCapture.CaptureInUse(target, new CaptureOptions { MaxReads = 1 }, CancellationToken.None);
        }
        catch (TargetException)
        {
            return LayoutDiff.Empty; // the target exited or cannot be read: there is nothing to compare with
        }

        return plan.Layout is { } before ? before.DiffTo(now) : OfPlannedVmas(plan, now);
    }

    /// <summary>For a plan read from JSON: it has only the ranges of its VMAs and the hashes of their lines.</summary>
    private static LayoutDiff OfPlannedVmas(HintPlan plan, LayoutSnapshot now)
    {
        List<LayoutChange> changes = [];
        foreach (PlannedVma planned in plan.Vmas)
        {
            if (!now.TryFind(planned.Range.Start, out Vma vma) || vma.Start != planned.Range.Start)
            {
                changes.Add(new LayoutChange(LayoutChangeKind.Unmapped, planned.Range, null, null));
            }
            else if (MapsLineHash.Of(in vma.Record, vma.NameBytes) != planned.LineHash)
            {
                changes.Add(new LayoutChange(LayoutChangeKind.Changed, planned.Range, null, vma));
            }
        }

        return changes.Count == 0 ? LayoutDiff.Empty : new LayoutDiff(changes);
    }
}
