using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The host's end of a channel, for one transaction after another.</summary>
internal sealed class HelperConnection(HelperProcess process, HelperChannel channel, long number) : IDisposable
{
    /// <summary>How often to check a helper that has not replied.</summary>
    private static readonly long LookTicks = Stopwatch.Frequency / 20;

    /// <summary>Bounds a hang: a running helper responds to a cancellation after its current window.</summary>
    private static readonly TimeSpan CancellationPatience = TimeSpan.FromSeconds(10);

    private long _requests;

    public HelperProcess Process => process;

    /// <summary>Sends a plan to be applied; false if it cannot be sent as a whole, in which case nothing has begun.</summary>
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

    /// <summary>Waits for the reply; null if the helper exited without one, or was killed because it was stopped or did not respond to a cancellation.</summary>
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

            // Checked twice: this host may have been stopped as well, and may check before the helper has continued.
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
