using System.Buffers.Binary;
using System.Text.Json;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The helper's end of a channel: runs one transaction after another on its own thread, until the host closes its end.</summary>
internal sealed class HelperSession(HelperChannel channel, HelperProgram program, ITransactionProbe? probe)
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private long _number;
    private long _cancelled;

    public void Start() => new Thread(Serve) { IsBackground = true, Name = "ConsistentMadvise helper" }.Start();

    /// <summary>Cancels a request and all earlier ones: a running one stops between two windows, and one in transit does not begin.</summary>
    public void Cancel(long number)
    {
        lock (_gate)
        {
            _cancelled = Math.Max(_cancelled, number);
            if (_number <= _cancelled)
            {
                _running?.Cancel();
            }
        }
    }

    private void Serve()
    {
        using (channel)
        {
            while (channel.TryReceive(out ReadOnlyMemory<byte> message, out SafeDescriptor? pidfd, out SafeDescriptor? maps))
            {
                using (pidfd)
                using (maps)
                {
                    if (!TryAnswer(message.Span, pidfd, maps))
                    {
                        break;
                    }
                }
            }
        }

        program.Leave(this);
    }

    /// <summary>Returns false if the host has exited.</summary>
    private bool TryAnswer(ReadOnlySpan<byte> message, SafeDescriptor? pidfd, SafeDescriptor? maps)
    {
        if (pidfd is null || !program.TryEnter())
        {
            return false;
        }

        HelperReply reply = Answer(message, pidfd, maps);
        reply.Write(channel.Begin());
        bool isSent = channel.TrySend();
        program.Exit();
        return isSent;
    }

    private HelperReply Answer(ReadOnlySpan<byte> message, SafeDescriptor pidfd, SafeDescriptor? maps)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(message[^sizeof(int)..]);
        HelperRequest request = JsonSerializer.Deserialize(message[..length], HelperJsonContext.Default.HelperRequest)!;
        if (!HintPlan.TryFromUtf8Json(message[length..^sizeof(int)], out HintPlan? plan, out string? wrong))
        {
            return Failed(HelperFailure.Unexpected, $"The plan could not be read: {wrong}");
        }

        using CancellationTokenSource cancellation = Begin(request.Number);
        try
        {
            AddressSpace? space = maps is null ? null : new AddressSpace(maps);
            return HelperReply.Of(HostedTransaction.Run(pidfd, plan, request.ToOptions(), new TransactionOrigin(space, request.IsPlanKnown), probe, cancellation.Token));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Failed(HelperFailure.Cancelled, string.Empty);
        }
        catch (PlatformNotSupportedException missing)
        {
            return Failed(HelperFailure.NotSupported, missing.Message);
        }
        catch (TargetMayBeFrozenException frozen)
        {
            return Failed(HelperFailure.MayBeFrozen, frozen.Remedy) with { Freezer = frozen.Freezer };
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Failed(HelperFailure.Unexpected, failure.ToString());
        }
        finally
        {
            End();
        }
    }

    private static HelperReply Failed(HelperFailure failure, string message) => new() { Failure = failure, Message = message };

    private CancellationTokenSource Begin(long number)
    {
        CancellationTokenSource cancellation = new();
        lock (_gate)
        {
            _number = number;
            _running = cancellation;
            if (number <= _cancelled)
            {
                cancellation.Cancel();
            }
        }

        return cancellation;
    }

    private void End()
    {
        lock (_gate)
        {
            _running = null;
        }
    }
}
