using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="LayoutMatch.Ranges"/> by the kernel's sequence of each planned VMA: one that was not locked for writing has not changed, whatever happened elsewhere. Allocates nothing.</summary>
/// <param name="target">The process.</param>
/// <param name="plan">The plan.</param>
/// <param name="remainder">What is left of it.</param>
/// <param name="reader">Reads the sequences.</param>
/// <param name="isOptimistic">Whether hints that raced are recorded for their VMAs, and the rest of the plan goes on.</param>
[RunsFrozen]
internal sealed class VmaSequenceRecheck(ProcessTarget target, HintPlan plan, PlanRemainder remainder, VmaSequenceReader reader, bool isOptimistic)
{
    /// <summary>How long writers may stay inside. One that lost its processor there takes long, and an optimistic transaction, which holds no target, can wait. In a held target it is khugepaged, for a millisecond.</summary>
    private TimeSpan Patience => TimeSpan.FromMilliseconds(isOptimistic ? 100 : 5);

    /// <summary>Compares the planned VMAs with what they were at an earlier reading.</summary>
    /// <param name="since">The earlier reading, at most <see cref="SequenceReading.TrustedFor"/> old; without an address space if only its exec count is known.</param>
    /// <param name="mayDrop">Whether a changed VMA is dropped from the plan.</param>
    /// <param name="at">The reading up to which the VMAs that are left are unchanged.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult Run(in SequenceReading since, bool mayDrop, out SequenceReading at) =>
        Run(in since, plan.Vmas.Length, mayDrop ? OnChange.Drop : OnChange.Stop, out at);

    /// <summary>Compares the VMAs that were advised with what they were when the plan was last accepted.</summary>
    /// <remarks>What a writer kept from being compared counts as changed.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RecheckResult RunAfterHints(in SequenceReading accepted)
    {
        RecheckResult result = isOptimistic
            ? Run(in accepted, remainder.EndOfHinted, OnChange.Race, out _)
            : Run(in accepted, plan.Vmas.Length, OnChange.Stop, out _);
        return result.Kind == RecheckKind.Unsettled ? RecheckResult.Changed : result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RecheckResult Run(in SequenceReading since, int end, OnChange onChange, out SequenceReading at)
    {
        at = default;
        if (!reader.TryRent(out VmaBatch batch))
        {
            return RecheckResult.CouldNotLook(Errno.EAGAIN);
        }

        using (batch)
        {
            for (int vma = remainder.First; vma < end;)
            {
                int first = vma, count = 0;
                for (; vma < end && count < VmaRequest.MaxEntries; vma = remainder.NextFrom(vma + 1))
                {
                    batch.Entries[count++].Address = plan.Vmas[vma].Range.Start;
                }

                Errno errno = Read(in batch, count, out SequenceReading process);
                RecheckResult result = errno.Ok ? Identify(in process, in since) : RecheckResult.CouldNotLook(errno);
                result = result.IsSame ? Compare(batch.Entries[..count], first, since.Sequence, onChange) : result;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno Read(in VmaBatch batch, int count, out SequenceReading process)
    {
        const long Rest = 50_000; // nanoseconds
        Errno errno = batch.Read(target.Pid, count, out process);
        for (long begin = Stopwatch.GetTimestamp(); errno.Ok && process.State == SequenceState.Read && !batch.IsSettled(count) && Stopwatch.GetElapsedTime(begin) < Patience;)
        {
            Kernel.Sleep(Rest);
            errno = batch.Read(target.Pid, count, out process);
        }

        return errno;
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
    private RecheckResult Compare(ReadOnlySpan<VmaReading> entries, int vma, uint since, OnChange onChange)
    {
        foreach (ref readonly VmaReading entry in entries)
        {
            if (!entry.IsSettled)
            {
                return RecheckResult.Unsettled;
            }

            AddressRange planned = plan.Vmas[vma].Range;
            bool isSame = entry.Start == planned.Start && entry.End == planned.End && !entry.WasLockedAfter(since);
            if (!isSame && onChange == OnChange.Stop)
            {
                return RecheckResult.Changed;
            }

            if (!isSame && onChange == OnChange.Drop)
            {
                remainder.Drop(vma);
            }
            else if (!isSame)
            {
                remainder.Race(vma);
            }

            vma = remainder.NextFrom(vma + 1);
        }

        return RecheckResult.Same;
    }

    private enum OnChange
    {
        Stop,
        Drop,
        Race,
    }
}
