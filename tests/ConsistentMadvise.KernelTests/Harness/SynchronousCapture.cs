namespace ConsistentMadvise.KernelTests;

/// <summary>Captures for tests that have no use for another thread meanwhile.</summary>
internal static class SynchronousCapture
{
    public static LayoutSnapshot Capture(this ProcessTarget target)
    {
        ValueTask<LayoutSnapshot> capture = target.CaptureLayoutAsync();
        return capture.IsCompletedSuccessfully ? capture.Result : capture.AsTask().GetAwaiter().GetResult();
    }
}
