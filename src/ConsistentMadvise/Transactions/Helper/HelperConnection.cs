using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The host's end of a channel, for one transaction after another.</summary>
internal sealed class HelperConnection(HelperProcess process, HelperChannel channel, long number) : IDisposable
{
    /// <summary>How often a helper that has not answered is looked at.</summary>
    private static readonly long LookTicks = Stopwatch.Frequency / 20;

    /// <summary>It bounds a hang: a helper that runs answers a cancellation after its window.</summary>
    private static readonly TimeSpan CancellationPatience = TimeSpan.FromSeconds(10);

    private long _requests;

    public HelperProcess Process => process;

    /// <summary>Sends a plan, to be applied; false when the helper cannot have it as a whole, so that nothing is begun.</summary>
    public bool TryAsk(ProcessTarget target, HintPlan plan, HintOptions options)
    {
        System.Text.Json.Utf8JsonWriter writer = channel.Begin();
        HelperRequest.Of(++_requests, plan, options).Write(writer);
        int length = channel.EndPart();
        HintPlanDocument.Write(writer, plan);
        channel.EndPart();
        channel.Add(length);
        AddressSpace? space = plan.Layout?.Space is { } planned && planned.TryPin() ? planned : null;
        try
        {
            return channel.TrySend(target.Pidfd, space?.Maps);
        }
        finally
        {
            space?.Unpin();
        }
    }

    /// <summary>Waits for the reply; null when the helper has exited without one, or was ended because it was stopped or did not answer a cancellation.</summary>
    public HelperReply? AwaitReply(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static connection => ((HelperConnection)connection!).Cancel(), this);
        long cancelledAt = 0;
        int stops = 0;
        while (true)
        {
            Errno errno = Kernel.WaitReadable(channel.Socket, process.Pidfd, LookTicks, out bool isReply, out bool hasExited);
            if (isReply || hasExited)
            {
                return channel.TryReceive(out ReadOnlyMemory<byte> message, out _, out _) ? HelperReply.Read(message.Span) : null;
            }

            if (!errno.Ok && errno != Errno.EINTR)
            {
                Kernel.Sleep(LookTicks); // no memory for the call
            }

            // Twice: this host may have been stopped as well, and be looking before the helper has gone on.
            stops = process.IsStopped ? stops + 1 : 0;
            long now = Stopwatch.GetTimestamp();
            cancelledAt = cancellationToken.IsCancellationRequested && cancelledAt == 0 ? now : cancelledAt;
            if (stops > 1 || (cancelledAt != 0 && Stopwatch.GetElapsedTime(cancelledAt, now) > CancellationPatience))
            {
                return null;
            }
        }
    }

    public void Dispose() => channel.Dispose();

    private void Cancel() => process.Cancel(number, _requests);
}
