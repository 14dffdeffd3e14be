namespace ConsistentMadvise.Cli;

/// <summary>Reads a plan from a file, a pipe or stdin, up to the maximum length of a plan.</summary>
internal static class PlanFile
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF]; // a byte order mark, which editors insert

    public static async Task<HintPlan> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string name = path == "-" ? "stdin" : $"'{path}'";
        ReadOnlyMemory<byte> json;
        try
        {
            // On a separate thread: opening or reading a pipe cannot be cancelled.
            Task<ReadOnlyMemory<byte>> reading = Task.Factory.StartNew(() => Read(path), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            json = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The plan cannot be read from {name}: {failure.Message}");
        }

        return HintPlan.TryFromUtf8Json(json.Span, out HintPlan? plan, out string? reason)
            ? plan
            : throw new UsageException($"The content of {name} is not a plan of 'cmadvise plan': {reason}");
    }

    /// <summary>Returns the content; only its beginning if it cannot be a plan, which is enough to refuse it.</summary>
    private static ReadOnlyMemory<byte> Read(string path)
    {
        using Stream stream = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        MemoryStream text = new();
        byte[] block = new byte[64 * 1024];
        int count;
        do
        {
            count = stream.Read(block);
            text.Write(block, 0, count);
        }
        while (count > 0 && text.Length <= HintPlan.MaxJsonLength && MayBePlan(text.GetBuffer().AsSpan(0, (int)text.Length)));
        ReadOnlyMemory<byte> read = text.GetBuffer().AsMemory(0, (int)text.Length);
        return read.Span.StartsWith(Mark) ? read[Mark.Length..] : read;
    }

    private static bool MayBePlan(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> begun = (text.StartsWith(Mark) ? text[Mark.Length..] : text).TrimStart(" \t\r\n"u8);
        return begun.IsEmpty || begun[0] == '{';
    }
}
