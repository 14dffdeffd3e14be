namespace ConsistentMadvise.Cli;

/// <summary>Thrown for a usage error that is found after the command line was parsed.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>Refuses a plan or token of another process: the pid was mistyped, or the file is old. The default token matches any.</summary>
    public static void ThrowIfOtherProcess(string what, LayoutToken token, int pid)
    {
        if (!token.IsDefault && token.Process.Pid != pid)
        {
            throw new UsageException($"The {what} was made for process {token.Process.Pid}, not for {pid}.");
        }
    }
}
