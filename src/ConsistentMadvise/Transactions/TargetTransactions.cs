namespace ConsistentMadvise;

/// <summary>Applies hints to a target.</summary>
public static class TargetTransactions
{
    /// <summary>The members that this room adds to a target.</summary>
    /// <param name="target">The process.</param>
    extension(ProcessTarget target)
    {
        /// <summary>Applies a plan, if it still matches the target's layout.</summary>
        /// <param name="plan">The plan, made from a snapshot of this process.</param>
        /// <param name="options">How to apply it; null for <see cref="HintOptions.Default"/>.</param>
        /// <param name="cancellationToken">Stops between two windows. What was advised before is reported as <see cref="HintStatus.PartlyApplied"/>.</param>
        /// <returns>The outcome. When the method returns, the target is as it was found: running if it ran.</returns>
        /// <remarks>
        /// Synchronous on purpose: with an await while the target is frozen, the thread pool would determine how long it stays frozen. Blocks for about
        /// the time that the kernel takes for the advice. Only one transaction at a time runs on a target object. Needs <c>CAP_SYS_NICE</c>, the right to
        /// read the target (<c>PTRACE_MODE_READ_FSCREDS</c>), and what the freezer needs: <see cref="FreezerKind"/>. Source: process_madvise(2).
        /// </remarks>
        /// <example>
        /// <code>
        /// HintOutcome outcome = target.Apply(plan, new HintOptions { Match = LayoutMatch.Ranges });
        /// if (outcome.Status == HintStatus.Stale)
        /// {
        ///     plan = HintPlan.Create(target.CaptureLayout(), Advice.PageOut, VmaFilter.Default);
        /// }
        /// </code>
        /// </example>
        /// <seealso cref="HintEngine"/>
        /// <exception cref="ArgumentException">The plan is for a process with another pid.</exception>
        /// <exception cref="PlatformNotSupportedException">The kernel lacks the call, the advice, or what the options ask for.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed before the call; one disposed during the call stays open until it ends.</exception>
        /// <exception cref="TargetMayBeFrozenException">The target could not be thawed.</exception>
        /// <exception cref="OperationCanceledException">Cancelled before anything was advised.</exception>
        public HintOutcome Apply(HintPlan plan, HintOptions? options = null, CancellationToken cancellationToken = default) =>
            Run(target, plan, options ?? HintOptions.Default, null, cancellationToken);

        /// <summary>Advises ranges, if the target's layout still matches a token: the cookie argument as it was proposed.</summary>
        /// <param name="ranges">Page-aligned ranges; each must be mapped completely.</param>
        /// <param name="advice">The advice.</param>
        /// <param name="token">The token that was read before the ranges were chosen.</param>
        /// <param name="options">How to apply them; null for <see cref="HintOptions.Default"/>.</param>
        /// <param name="cancellationToken">Stops between two windows.</param>
        /// <returns>The outcome: <see cref="HintStatus.Stale"/> if the token does not match.</returns>
        /// <remarks>
        /// As <c>Apply</c>, with one more read of the layout before it. A token says nothing about ranges: a caller who may choose them learns from each outcome whether all
        /// are mapped, and more from <see cref="HintOutcome.Changes"/>. If a caller may not read the layout, its ranges belong in a plan made by one
        /// who may: <see cref="HintPlan.FromJson"/>.
        /// </remarks>
        /// <example>
        /// <code>
        /// LayoutToken cookie = target.ReadToken();
        /// HintOutcome outcome = target.Advise([new AddressRange(start, end)], Advice.PageOut, cookie);
        /// </code>
        /// </example>
        /// <seealso cref="LayoutCapture"/>
        /// <exception cref="ArgumentException">A range is not page-aligned, the advice is invalid, or the token is for a process with another pid.</exception>
        /// <exception cref="PlatformNotSupportedException">The kernel lacks the call, the advice, or what the options ask for.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed before the call; one disposed during the call stays open until it ends.</exception>
        /// <exception cref="TargetMayBeFrozenException">The target could not be thawed.</exception>
        /// <exception cref="OperationCanceledException">Cancelled before anything was advised.</exception>
        public HintOutcome Advise(
            IEnumerable<AddressRange> ranges, Advice advice, LayoutToken token, HintOptions? options = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(target);
            ArgumentNullException.ThrowIfNull(ranges);
            ThrowIfOtherPid(target, token, nameof(token));
            using TargetUse use = target.Use();
            return TransactionRecorder.Run(
                target.Pid, advice, () => AdviseIfMatching(target, ranges, advice, token, options ?? HintOptions.Default, cancellationToken));
        }
    }

    /// <summary><c>Apply</c> with a probe, for tests that act at a phase.</summary>
    internal static HintOutcome Run(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(plan);
        using TargetUse use = target.Use();
        return RunInUse(target, plan, options, probe, cancellationToken);
    }

    /// <summary>The same for a caller that already uses the target, which may have been disposed since.</summary>
    internal static HintOutcome RunInUse(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe, CancellationToken cancellationToken) =>
        TransactionRecorder.Run(
            target.Pid,
            plan.Advice,
            (Target: target, Plan: plan, Options: options, Probe: probe, Cancellation: cancellationToken),
            static it => RunUnrecorded(it.Target, it.Plan, it.Options, it.Probe, it.Cancellation));

    private static HintOutcome AdviseIfMatching(
        ProcessTarget target, IEnumerable<AddressRange> ranges, Advice advice, LayoutToken token, HintOptions options, CancellationToken cancellationToken)
    {
        LayoutSnapshot layout;
        try
        {
            layout = LayoutCapture.CaptureInUse(target, new CaptureOptions { MaxReads = 1 }, cancellationToken);
        }
        catch (TargetException gone) when (gone.Error == TargetError.NotFound)
        {
            return HintOutcome.TargetExited(HintReason.TargetExited, new HintReport { Message = gone.Message });
        }
        catch (TargetException unseen) when (unseen.Error == TargetError.CouldNotLook)
        {
            return HintOutcome.Refused(HintReason.CouldNotLook, new HintReport { Message = unseen.Message });
        }

        catch (TargetException endless) when (endless.Error == TargetError.LayoutOutrunsReader)
        {
            return HintOutcome.Stale(HintReason.LayoutChanged, new HintReport { Message = endless.Message }); // no token exists for a text without an end
        }

        if (!layout.Token.Matches(token))
        {
            HintReason reason = layout.Process.IsSameProcess(token.Process) ? HintReason.LayoutChanged : HintReason.PidReused;
            HintReport report = new() { Message = ReasonText.Explain(reason, 0, default) };
            return reason == HintReason.PidReused ? HintOutcome.TargetExited(reason, report) : HintOutcome.Stale(reason, report);
        }

        // The text is the same, but the plan will carry the current sequence: only the token's sequence shows an earlier ABA.
        if (options.Match == LayoutMatch.Sequence && LayoutCapture.CompareInUse(target, token) is var comparison and not SequenceComparison.Unmoved)
        {
            HintReason reason = comparison == SequenceComparison.Moved ? HintReason.LayoutChanged : HintReason.SequenceNotAvailable;
            HintReport report = new() { Message = ReasonText.Explain(reason, 0, default) };
            return comparison == SequenceComparison.Moved ? HintOutcome.Stale(reason, report) : HintOutcome.Refused(reason, report);
        }

        // The reason would reveal what is mapped near the ranges, and their caller may lack the right to read the layout.
        return HintPlan.TryCreate(layout, advice, ranges, out HintPlan? plan, out _)
            ? RunUnrecorded(target, plan, options, null, cancellationToken)
            : HintOutcome.Refused(HintReason.RangeNotMapped, new HintReport { Message = ReasonText.Explain(HintReason.RangeNotMapped, 0, default) });
    }

    /// <summary>The same for a caller that records it itself, and may know more about the plan.</summary>
    internal static HintOutcome RunUnrecorded(
        ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe, CancellationToken cancellationToken, TransactionOrigin? origin = null)
    {
        ThrowIfOtherPid(target, plan.Token, nameof(plan));
        if (options.Host == TransactionHost.Helper)
        {
            lock (target.Transaction)
            {
                return TransactionHelper.Run(target, plan, options, cancellationToken);
            }
        }

        ThrowIfUnavailable(options);
        WindowWarmup.Run();
        lock (target.Transaction)
        {
            HintOutcome outcome = new HintTransaction(target, plan, options, probe, origin).Run(cancellationToken);
            if (outcome.Status != HintStatus.Raced || outcome.Reason is HintReason.CallDidNotReturn or HintReason.Cancelled || options is not { FreezeAfterRace: true, Consistency: HintConsistency.Optimistic })
            {
                return outcome;
            }

            HintOptions frozen = options with { Consistency = HintConsistency.Frozen };
            return new HintTransaction(target, plan, frozen, probe, origin).Run(cancellationToken).AfterRace();
        }
    }

    private static void ThrowIfOtherPid(ProcessTarget target, LayoutToken token, string name)
    {
        if (token.Process.Pid != target.Pid)
        {
            throw new ArgumentException($"It was made for process {token.Process.Pid}, but this target is process {target.Pid}.", name);
        }
    }

    /// <exception cref="PlatformNotSupportedException">The options require the sequence, or sharers to be frozen, and this machine does not support that.</exception>
    private static void ThrowIfUnavailable(HintOptions options)
    {
        bool isNeeded = options.Match == LayoutMatch.Sequence || options.Consistency == HintConsistency.Optimistic;
        if (isNeeded && SequenceReader.Shared.Availability is { IsAvailable: false } missing)
        {
            throw new PlatformNotSupportedException($"The kernel's layout sequence cannot be read: {missing.Reason} Use match layout or ranges with consistency frozen.");
        }

        // By default, a missing answer is no reason to refuse: most targets have no sharer, and the check after the hints finds changes that one makes.
        if (options is { Consistency: HintConsistency.Frozen, Sharers: SharerPolicy.Freeze } && SharerSearch.Availability is { Ok: false } errno)
        {
            throw new PlatformNotSupportedException($"Address-space sharers cannot be detected: kcmp(2) failed with {errno}. Use sharers refuse or ignore.");
        }
    }
}
