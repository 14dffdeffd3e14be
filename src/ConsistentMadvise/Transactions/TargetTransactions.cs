namespace ConsistentMadvise;

/// <summary>Applies hints to a target.</summary>
public static class TargetTransactions
{
    /// <summary>Extends a target by what this room does with it.</summary>
    /// <param name="target">The process.</param>
    extension(ProcessTarget target)
    {
        /// <summary>Applies a plan, if it still fits the target's layout.</summary>
        /// <param name="plan">The plan, made from a snapshot of this process.</param>
        /// <param name="options">How; <see cref="HintOptions.Default"/> when null.</param>
        /// <param name="cancellationToken">Stops between two windows. What was advised until then is reported as <see cref="HintStatus.PartlyApplied"/>.</param>
        /// <returns>How it ended. When the method returns, the target is as it was found: running if it ran.</returns>
        /// <remarks>
        /// Synchronous on purpose: an await while the target is frozen would let the thread pool decide how long it stays so. Blocks for about
        /// the time that the kernel takes for the advice. One transaction at a time runs on a target object. Needs <c>CAP_SYS_NICE</c>, the right to
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
        /// <exception cref="ObjectDisposedException">The target was disposed before the call; one that is disposed during it stays open until its end.</exception>
        /// <exception cref="TargetMayBeFrozenException">The target could not be thawed.</exception>
        /// <exception cref="OperationCanceledException">Cancelled before anything was advised.</exception>
        public HintOutcome Apply(HintPlan plan, HintOptions? options = null, CancellationToken cancellationToken = default) =>
            Run(target, plan, options ?? HintOptions.Default, null, cancellationToken);

        /// <summary>Advises ranges, if the target's layout still is the one that a token stands for: the cookie argument as it was proposed.</summary>
        /// <param name="ranges">Page-aligned ranges; each must be mapped throughout.</param>
        /// <param name="advice">The advice.</param>
        /// <param name="token">The token that was read before the ranges were decided on.</param>
        /// <param name="options">How; <see cref="HintOptions.Default"/> when null.</param>
        /// <param name="cancellationToken">Stops between two windows.</param>
        /// <returns>How it ended: <see cref="HintStatus.Stale"/> when the token does not match.</returns>
        /// <remarks>
        /// As <c>Apply</c>, with one more read of the layout before it. A token says nothing of ranges: who may choose them learns from each outcome whether all
        /// are mapped, and from <see cref="HintOutcome.Changes"/> more. Ranges of a caller who may not read the layout belong in a plan that was made by one
        /// who may: <see cref="HintPlan.FromJson"/>.
        /// </remarks>
        /// <example>
        /// <code>
        /// LayoutToken cookie = target.ReadToken();
        /// HintOutcome outcome = target.Advise([new AddressRange(start, end)], Advice.PageOut, cookie);
        /// </code>
        /// </example>
        /// <seealso cref="LayoutCapture"/>
        /// <exception cref="ArgumentException">A range is not page-aligned, the advice is none, or the token is for a process with another pid.</exception>
        /// <exception cref="PlatformNotSupportedException">The kernel lacks the call, the advice, or what the options ask for.</exception>
        /// <exception cref="ObjectDisposedException">The target was disposed before the call; one that is disposed during it stays open until its end.</exception>
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

    /// <summary>The same for a caller that has begun a use of the target, which may have been disposed since.</summary>
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
            return HintOutcome.Stale(HintReason.LayoutChanged, new HintReport { Message = endless.Message }); // no token stands for a text without an end
        }

        if (!layout.Token.Matches(token))
        {
            HintReason reason = layout.Process.IsSameProcess(token.Process) ? HintReason.LayoutChanged : HintReason.PidReused;
            HintReport report = new() { Message = ReasonText.Explain(reason, 0, default) };
            return reason == HintReason.PidReused ? HintOutcome.TargetExited(reason, report) : HintOutcome.Stale(reason, report);
        }

        // The text is the same, and the plan will carry the sequence of now: ABA before now shows in the token's alone.
        if (options.Match == LayoutMatch.Sequence && LayoutCapture.CompareInUse(target, token) is var comparison and not SequenceComparison.Unmoved)
        {
            HintReason reason = comparison == SequenceComparison.Moved ? HintReason.LayoutChanged : HintReason.SequenceNotAvailable;
            HintReport report = new() { Message = ReasonText.Explain(reason, 0, default) };
            return comparison == SequenceComparison.Moved ? HintOutcome.Stale(reason, report) : HintOutcome.Refused(reason, report);
        }

        // Why not would name what is mapped beside the ranges: their caller need not be allowed to read the layout.
        return HintPlan.TryCreate(layout, advice, ranges, out HintPlan? plan, out _)
            ? RunUnrecorded(target, plan, options, null, cancellationToken)
            : HintOutcome.Refused(HintReason.RangeNotMapped, new HintReport { Message = ReasonText.Explain(HintReason.RangeNotMapped, 0, default) });
    }

    /// <summary>The same for a caller that reports it itself, and perhaps knows more of the plan.</summary>
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
            throw new ArgumentException($"It was made for process {token.Process.Pid}, and this target is process {target.Pid}.", name);
        }
    }

    /// <exception cref="PlatformNotSupportedException">The options ask for the sequence, or for sharers to be frozen, and this kernel lacks what they need.</exception>
    private static void ThrowIfUnavailable(HintOptions options)
    {
        bool isNeeded = options.Match == LayoutMatch.Sequence || options.Consistency == HintConsistency.Optimistic;
        if (isNeeded && SequenceReader.Shared.Availability is { IsAvailable: false } missing)
        {
            throw new PlatformNotSupportedException($"The kernel's layout sequence cannot be read: {missing.Reason} Use match layout or ranges with consistency frozen.");
        }

        // By default a missing answer is no reason to refuse: most targets have no sharer, and what one does is noticed after the hints.
        if (options is { Consistency: HintConsistency.Frozen, Sharers: SharerPolicy.Freeze } && SharerSearch.Availability is { Ok: false } errno)
        {
            throw new PlatformNotSupportedException($"Sharers of an address space cannot be detected: kcmp(2) fails with {errno}. Use sharers refuse or ignore.");
        }
    }
}
