using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="LayoutMatch.Ranges"/> by the kernel's sequence of each planned VMA: one that was not locked for writing has not changed, whatever happened elsewhere. Allocates nothing.</summary>
[RunsFrozen]
internal sealed class VmaSequenceRecheck(ProcessTarget target, HintPlan plan, PlanRemainder remainder, VmaSequenceReader reader)
{
    /// <summary>Compares the planned VMAs with what they were at an earlier reading.</summary>
    /// <param name="since">The earlier reading, at most <see cref="SequenceReading.TrustedFor"/> old; without an address space if only its exec count is known.</param>
    /// <param name="mayDrop">Whether a changed VMA is dropped from the plan.</param>
    /// <param name="at">The reading up to which the VMAs that are left are unchanged.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run(in SequenceReading since, bool mayDrop, out SequenceReading at)
    {
        at = default;
        if (!reader.TryRent(out VmaBatch batch))
        {
            return RecheckResult.CouldNotLook(Errno.EAGAIN);
        }

        using (batch)
        {
            for (int vma = remainder.First; vma < plan.Vmas.Length;)
            {
                int first = vma, count = 0;
                for (; vma < plan.Vmas.Length && count < VmaRequest.MaxEntries; vma = remainder.NextFrom(vma + 1))
                {
                    batch.Entries[count++].Address = plan.Vmas[vma].Range.Start;
                }

                Errno errno = batch.Read(target.Pid, count, out SequenceReading process);
                RecheckResult result = errno.Ok ? Identify(in process, in since) : RecheckResult.CouldNotLook(errno);
                result = result.IsSame ? Compare(batch.Entries[..count], first, since.Sequence, mayDrop) : result;
                if (!result.IsSame)
                {
                    return result;
                }

                if (at.State != SequenceState.Read)
                {
                    at = process with { Sequence = batch.Entries[0].Sequence }; // the earliest
                }
            }
        }

        return RecheckResult.Same;
    }

    /// <remarks>"Not found" does not mean "exited".</remarks>
    private RecheckResult Identify(in SequenceReading process, in SequenceReading since) => process.State switch
    {
        SequenceState.Read when process.ExecId == since.ExecId && process.StartTime == since.StartTime
            && (since.AddressSpace == AddressSpaceId.None || process.AddressSpace == since.AddressSpace) => RecheckResult.Same,
        SequenceState.Read or SequenceState.Replaced => RecheckResult.Replaced,
        _ => target.HasExited || process.State == SequenceState.NoAddressSpace ? RecheckResult.Gone : RecheckResult.CouldNotLook(Errno.ESRCH),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RecheckResult Compare(ReadOnlySpan<VmaReading> entries, int vma, uint since, bool mayDrop)
    {
        foreach (ref readonly VmaReading entry in entries)
        {
            if (!entry.IsSettled)
            {
                return RecheckResult.Unsettled;
            }

            AddressRange planned = plan.Vmas[vma].Range;
            bool isSame = entry.Start == planned.Start && entry.End == planned.End && !entry.WasLockedAfter(since);
            if (!isSame && !mayDrop)
            {
                return RecheckResult.Changed;
            }

            if (!isSame)
            {
                remainder.Drop(vma);
            }

            vma = remainder.NextFrom(vma + 1);
        }

        return RecheckResult.Same;
    }
}
